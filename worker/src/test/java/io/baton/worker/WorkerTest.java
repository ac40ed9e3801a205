package io.baton.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.config.Settings;
import io.baton.config.SettingsFixture;
import io.baton.pipe.HandoffKind;
import io.baton.pipe.Message;
import io.baton.pipe.Message.Departed;
import io.baton.pipe.Message.Drain;
import io.baton.pipe.Message.Handoff;
import io.baton.pipe.Message.Latency;
import io.baton.pipe.Message.LoadReport;
import io.baton.pipe.Message.Ping;
import io.baton.pipe.Message.Pong;
import io.baton.pipe.Message.Ready;
import io.baton.pipe.Message.Refused;
import io.baton.pipe.Message.Taken;
import io.baton.pipe.PeerKey;
import io.baton.pipe.Pipe;
import io.baton.pipe.Refusal;
import io.baton.posix.Fd;
import io.baton.posix.MemFd;
import io.baton.service.CloseReason;
import io.baton.service.Peer;
import io.baton.service.Service;
import io.baton.service.Session;
import io.baton.testing.Seeds;
import io.baton.worker.FakeManager.Client;
import io.baton.worker.codec.http.HttpCodec;
import io.baton.worker.codec.raw.RawCodec;
import io.baton.worker.migration.SavedSession;
import io.baton.worker.session.Route;
import io.baton.worker.session.TestRoutes;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A worker on its real event loop, with real sockets, in this process. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // recvmsg heeds no interrupt
@ExtendWith(NoLeaks.class)
final class WorkerTest {
  private static final int ECHO = 0;
  private static final int HTTP = 1;
  private static final int LATER = 2;
  private static final int STUCK = 3;
  private static final int PER_PEER = 4;

  @TempDir private Path dir;
  private final FakeManager manager;
  private final BlockingQueue<CloseReason> closed = new LinkedBlockingQueue<>();
  private final BlockingQueue<Runnable> later = new LinkedBlockingQueue<>();
  private final CountDownLatch arrived = new CountDownLatch(1);
  private final CountDownLatch stuck = new CountDownLatch(1);
  private final Worker worker;

  WorkerTest() throws Exception {
    manager = new FakeManager();
    Settings settings =
        SettingsFixture.settings("fleet.drain-timeout = 50ms, worker.latency-interval = 20ms");
    List<Route<?, ?>> routes =
        List.of(
            TestRoutes.of("echo", new RawCodec(), Echo::new),
            TestRoutes.of(
                "http",
                new HttpCodec(settings.codecs().http(), InstantSource.system()),
                Hello::new),
            TestRoutes.of("later", new RawCodec(), EchoLater::new),
            TestRoutes.of("stuck", new RawCodec(), Stuck::new),
            TestRoutes.of("per-peer", "max-connections-per-peer = 1", new RawCodec(), Echo::new));
    worker = new Worker(settings, routes, manager.workersEnd);
  }

  private final class Echo implements Service<ByteBuf, ByteBuf> {
    @Override
    public void received(Session<ByteBuf> session, ByteBuf message) {
      session.send(message.retain());
    }

    @Override
    public void closed(Session<ByteBuf> session, CloseReason why) {
      closed.add(why);
    }
  }

  /** Answers from the test's thread. */
  private final class EchoLater implements Service<ByteBuf, ByteBuf> {
    @Override
    public void received(Session<ByteBuf> session, ByteBuf message) {
      ByteBuf answer = message.retain();
      var hold = session.hold();
      later.add(() -> {
        session.send(answer);
        hold.release();
      });
    }
  }

  /** Blocks the loop, which no service should, until the test lets it go. */
  private final class Stuck implements Service<ByteBuf, ByteBuf> {
    @Override
    public void received(Session<ByteBuf> session, ByteBuf message) {
      arrived.countDown();
      try {
        stuck.await();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  private static final class Hello implements Service<FullHttpRequest, HttpObject> {
    @Override
    public void received(Session<HttpObject> session, FullHttpRequest request) {
      session.send(
          new DefaultFullHttpResponse(
              HttpVersion.HTTP_1_1,
              HttpResponseStatus.OK,
              Unpooled.copiedBuffer(request.uri(), StandardCharsets.US_ASCII)));
    }
  }

  @BeforeEach
  void ready() throws Exception {
    worker.start();
    assertThat(manager.receive()).containsExactly(new Ready(SavedSession.READ));
  }

  @AfterEach
  void stop() {
    worker.close();
    manager.close();
  }

  private static void write(SocketChannel socket, String text) throws IOException {
    socket.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1)));
  }

  private static String read(SocketChannel socket, int bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(bytes);
    int n;
    do {
      n = socket.read(buffer);
    } while (n >= 0 && buffer.hasRemaining());
    return new String(buffer.array(), 0, buffer.position(), StandardCharsets.ISO_8859_1);
  }

  private static String readAll(SocketChannel socket) throws IOException {
    return read(socket, 1 << 20);
  }

  private SocketChannel take(long id, int listener) throws Exception {
    SocketChannel socket = manager.handOff(id, listener, manager.connect());
    assertThat(manager.receive()).containsExactly(new Taken(id));
    return socket;
  }

  @Test
  void aTcpClientIsTakenAndServed() throws Exception {
    try (SocketChannel client = take(7, ECHO)) {
      write(client, "ping");
      assertThat(read(client, 4)).isEqualTo("ping");
    }
    assertThat(closed.take()).isEqualTo(CloseReason.CLIENT);
  }

  @Test
  void clientsThatComeTogetherAreEachServed() throws Exception {
    Client first = manager.connect();
    Client second = manager.connect();
    assertThat(
            manager.pipe.send(
                List.of(fresh(7), fresh(8)), List.of(first.descriptor(), second.descriptor())))
        .isEqualTo(Pipe.Sent.YES);
    first.descriptor().release();
    second.descriptor().release();
    try (SocketChannel seventh = first.socket();
        SocketChannel eighth = second.socket()) {
      assertThat(manager.receive()).containsExactly(new Taken(7), new Taken(8));
      write(eighth, "ping");
      assertThat(read(eighth, 4)).isEqualTo("ping");
      write(seventh, "pong");
      assertThat(read(seventh, 4)).isEqualTo("pong");
    }
  }

  private static Handoff fresh(long id) {
    return new Handoff(id, ECHO, new Peer.Unix(1, 2), HandoffKind.FRESH);
  }

  @Test
  void oneDescriptorTooFewEndsTheWorker() throws Exception {
    Client only = manager.connect();
    try (SocketChannel _ = only.socket()) {
      assertThat(
              manager.pipe.send(
                  List.of(new Ping(1), fresh(7), fresh(8)), List.of(only.descriptor())))
          .isEqualTo(Pipe.Sent.YES);
      only.descriptor().release();
      assertThat(worker.awaitEnd()).isEqualTo(Worker.End.CONFUSED);
    }
  }

  @Test
  void aUnixClientIsTakenAndServed() throws Exception {
    Client connected = FakeManager.connectUnix(dir.resolve("echo.sock"));
    try (SocketChannel client = manager.handOff(7, ECHO, connected)) {
      assertThat(manager.receive()).containsExactly(new Taken(7));
      write(client, "ping");
      assertThat(read(client, 4)).isEqualTo("ping");
      client.shutdownOutput();
      assertThat(readAll(client)).isEmpty();
    }
  }

  @Test
  void aClientThatEndsItsSideGetsEveryByteBackAndThenTheEnd() throws Exception {
    byte[] sent = new byte[300_000];
    new Random(Seeds.one(WorkerTest.class)).nextBytes(sent);
    try (SocketChannel client = take(7, ECHO)) {
      Thread writer =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  client.write(ByteBuffer.wrap(sent));
                  client.shutdownOutput();
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              });
      byte[] back = readAll(client).getBytes(StandardCharsets.ISO_8859_1);
      writer.join();
      assertThat(Arrays.equals(back, sent)).isTrue();
    }
    assertThat(closed.take()).isEqualTo(CloseReason.CLIENT);
  }

  @Test
  void answersFromAnotherThreadKeepTheirOrderAndOutliveTheClientsEnd() throws Exception {
    try (SocketChannel client = take(7, LATER)) {
      StringBuilder sent = new StringBuilder();
      for (int i = 0; i < 20; i++) {
        write(client, i + ",");
        sent.append(i).append(',');
      }
      client.shutdownOutput();
      Thread answering =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  while (true) {
                    later.take().run();
                  }
                } catch (InterruptedException _) {
                  return; // the test has what it waited for
                }
              });
      assertThat(readAll(client)).isEqualTo(sent.toString());
      answering.interrupt();
      answering.join();
    }
  }

  @Test
  void aMalformedRequestIsAnsweredThoughTheClientGoesOnSending() throws Exception {
    try (SocketChannel client = take(7, HTTP)) {
      write(client, "nonsense\r\n\r\n");
      write(client, "x".repeat(100_000));
      assertThat(readAll(client)).startsWith("HTTP/1.1 400 Bad Request\r\n");
    }
  }

  @Test
  void oneBatchIsAnsweredWithOnePacket() throws Exception {
    List<SocketChannel> clients = new ArrayList<>();
    try (SocketChannel busy = take(99, STUCK)) {
      write(busy, "x");
      arrived.await(); // the loop waits in a service, so all three are received together
      for (int i = 0; i < 3; i++) {
        clients.add(manager.handOff(i, ECHO, manager.connect()));
      }
      stuck.countDown();
      assertThat(manager.receive()).containsExactly(new Taken(0), new Taken(1), new Taken(2));
    }
    for (SocketChannel client : clients) {
      write(client, "hi");
      assertThat(read(client, 2)).isEqualTo("hi");
      client.close();
    }
  }

  @Test
  void aPingIsAnswered() throws Exception {
    manager.send(new Ping(42), null);
    assertThat(manager.receive()).containsExactly(new Pong(42));
  }

  @Test
  void aManagerThatDoesNotReadGetsAllAnswersOnceItDoes() throws Exception {
    // More than both sides of the pipe hold: the worker must have stopped receiving in between.
    int pings = 0;
    while (manager.pipe.send(new Ping(pings), null) == Pipe.Sent.YES) {
      pings++;
    }
    for (int i = 0; i < pings; i++) {
      assertThat(manager.receive()).containsExactly(new Pong(i));
    }
  }

  @Test
  void whatIsNoSocketIsRefused() throws Exception {
    try (Fd file = MemFd.sealed("file", new byte[1])) {
      manager.send(new Handoff(7, ECHO, new Peer.Unix(1, 2), HandoffKind.FRESH), file);
    }
    assertThat(manager.receive())
        .satisfiesExactly(answer -> {
          assertThat(answer)
              .isInstanceOfSatisfying(
                  Refused.class,
                  refused -> {
                    assertThat(refused.why()).isEqualTo(Refusal.UNUSABLE);
                    assertThat(refused.reason()).contains("non-socket");
                  });
        });
  }

  @Test
  void aDrainingWorkerRefusesAndLeavesTheClientAlone() throws Exception {
    try (SocketChannel first = take(1, ECHO)) {
      manager.send(new Drain(60_000), null);
      Client second = manager.connect();
      Fd copy = second.descriptor().duplicate();
      manager.handOff(2, ECHO, second);
      assertThat(manager.receive()).containsExactly(new Refused(2, Refusal.DRAINING, ""));
      copy.release(); // the last one: now the client sees its end, and not before
      assertThat(readAll(second.socket())).isEmpty();

      write(first, "still here");
      assertThat(read(first, 10)).isEqualTo("still here");
    }
    assertThat(worker.awaitEnd()).isEqualTo(Worker.End.DRAINED);
  }

  @Test
  void aDrainAnswersWhatWasSentAndEndsWhatIsIdle() throws Exception {
    try (SocketChannel idle = take(1, HTTP);
        SocketChannel busy = take(2, HTTP)) {
      manager.send(new Drain(200), null);
      write(busy, "GET /last HTTP/1.1\r\nHost: h\r\n\r\n");
      assertThat(readAll(busy)).contains("connection: close\r\n").endsWith("/last");
      assertThat(readAll(idle)).isEmpty();
    }
    assertThat(worker.awaitEnd()).isEqualTo(Worker.End.DRAINED);
  }

  @Test
  void whatOutlastsTheDrainIsCutOff() throws Exception {
    try (SocketChannel client = take(1, ECHO)) {
      manager.send(new Drain(10), null);
      assertThat(readAll(client)).isEmpty();
    }
    assertThat(closed.take()).isEqualTo(CloseReason.SHUTDOWN);
    assertThat(worker.awaitEnd()).isEqualTo(Worker.End.DRAINED);
  }

  @Test
  void aDrainOfNoTimeEndsAtOnceEvenOneThatHasBegun() throws Exception {
    try (SocketChannel client = take(1, ECHO)) {
      manager.send(new Drain(60_000), null);
      manager.send(new Drain(0), null);
      assertThat(readAll(client)).isEmpty();
    }
    assertThat(worker.awaitEnd()).isEqualTo(Worker.End.DRAINED);
  }

  @Test
  void aWorkerWhoseManagerIsGoneDrains() throws Exception {
    try (SocketChannel client = take(1, ECHO)) {
      manager.pipe.close();
      assertThat(readAll(client)).isEmpty();
    }
    assertThat(closed.take()).isEqualTo(CloseReason.SHUTDOWN);
    assertThat(worker.awaitEnd()).isEqualTo(Worker.End.DRAINED);
  }

  @Test
  void whoHasLeftIsReported() throws Exception {
    take(1, ECHO).close();
    assertThat(manager.await(Departed.class)).isEqualTo(new Departed(ECHO, null, 1));
    take(2, PER_PEER).close();
    assertThat(manager.await(Departed.class))
        .isEqualTo(new Departed(PER_PEER, PeerKey.of(new Peer.Unix(1, 2)), 1));
  }

  @Test
  void aClientBeyondALimitIsTakenToBeClosedAndCountsNowhere() throws Exception {
    try (SocketChannel client = manager.turnAway(1, ECHO, manager.connect())) {
      assertThat(manager.receive()).containsExactly(new Taken(1));
      assertThat(readAll(client)).isEmpty();
    }
    take(2, PER_PEER).close();
    assertThat(manager.await(Departed.class))
        .as("the first")
        .isNotEqualTo(new Departed(0, null, 1));
    LoadReport report = manager.await(LoadReport.class);
    assertThat(report.load().counters().taken()).isEqualTo(1);
    assertThat(report.load().connections()).isZero();
    assertThat(closed.take()).isEqualTo(CloseReason.CLIENT);
    assertThat(closed).as("no service has heard of the first").isEmpty();
  }

  @Test
  void garbageEndsTheWorker() throws Exception {
    manager.sendGarbage(new byte[] {99, 1, 2, 3});
    assertThat(worker.awaitEnd()).isEqualTo(Worker.End.CONFUSED);
  }

  @Test
  void aMessageOfAWorkersEndsTheWorker() throws Exception {
    manager.pipe.send(new Taken(1), null);
    assertThat(worker.awaitEnd()).isEqualTo(Worker.End.CONFUSED);
  }

  @Test
  void aHandoffWithoutADescriptorEndsTheWorker() throws Exception {
    manager.send(fresh(7), null);
    assertThat(worker.awaitEnd()).isEqualTo(Worker.End.CONFUSED);
  }

  @Test
  void aHandoffForAnUnknownListenerEndsTheWorker() throws Exception {
    manager.handOff(7, 5, manager.connect()).close();
    assertThat(worker.awaitEnd()).isEqualTo(Worker.End.CONFUSED);
  }

  @Test
  void aDescriptorThatBelongsToNothingEndsTheWorker() throws Exception {
    try (Fd file = MemFd.sealed("file", new byte[1])) {
      manager.send(new Ping(1), file);
    }
    assertThat(worker.awaitEnd()).isEqualTo(Worker.End.CONFUSED);
  }

  @Test
  void loadAndLatencyAreReported() throws Exception {
    try (SocketChannel client = take(1, ECHO)) {
      write(client, "four");
      assertThat(read(client, 4)).isEqualTo("four");
      Histogram histogram =
          Histogram.decodeFromByteBuffer(copy(manager.await(Latency.class).histogram()), 0);
      assertThat(histogram.getTotalCount()).isEqualTo(1);

      LoadReport report = manager.await(LoadReport.class);
      while (report.load().counters().bytesOut() < 4) {
        report = manager.await(LoadReport.class);
      }
      assertThat(report.load().connections()).isEqualTo(1);
      assertThat(report.load().inFlight()).isZero();
      assertThat(report.load().counters().taken()).isEqualTo(1);
      assertThat(report.load().counters().bytesIn()).isEqualTo(4);
      assertThat(report.load().rssBytes()).isPositive();
      assertThat(report.load().heapUsedBytes()).isPositive();
      assertThat(report.load().cpuNanos()).isPositive();
      assertThat(report.load().busyPermille()).isBetween(0, 1_000);
    }
  }

  private static ByteBuffer copy(ByteBuffer bytes) {
    return ByteBuffer.allocate(bytes.remaining()).put(bytes).flip();
  }

  @Test
  void theLastReportSaysItAll() throws Exception {
    take(1, ECHO).close();
    manager.send(new Drain(1_000), null);
    assertThat(worker.awaitEnd()).isEqualTo(Worker.End.DRAINED);
    worker.lastReport();
    worker.close();

    LoadReport last = manager.await(LoadReport.class);
    for (List<Message> packet = manager.any(); !packet.isEmpty(); packet = manager.any()) {
      if (packet.getFirst() instanceof LoadReport report) {
        last = report;
      }
    }
    assertThat(last.load().counters().closed()).isEqualTo(1);
    assertThat(last.load().connections()).isZero();
  }
}
