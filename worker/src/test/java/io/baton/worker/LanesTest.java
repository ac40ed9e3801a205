package io.baton.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.config.Settings;
import io.baton.config.Settings.LaneKind;
import io.baton.config.SettingsFixture;
import io.baton.pipe.Message.Ready;
import io.baton.pipe.Message.Taken;
import io.baton.service.CloseReason;
import io.baton.service.Service;
import io.baton.service.Session;
import io.baton.worker.codec.raw.RawCodec;
import io.baton.worker.migration.SavedSession;
import io.baton.worker.session.Route;
import io.baton.worker.session.TestRoutes;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Services in the lanes of a whole worker, with sockets. */
@ExtendWith(NoLeaks.class)
final class LanesTest {
  private static final int QUICK = 1_000;
  private static final int RING_THREADS = 4;
  private static final int MAX_PENDING = 1024 * 1024;

  /** In the order of their listeners; one more comes after them. */
  private static final List<LaneKind> LANES = List.of(LaneKind.values());

  private final FakeManager manager = new FakeManager();
  private final List<SocketChannel> clients = new ArrayList<>();
  private final Semaphore asleep = new Semaphore(0);
  private final CountDownLatch sleeping = new CountDownLatch(1);
  private final BlockingQueue<CloseReason> closed = new LinkedBlockingQueue<>();
  private final AtomicInteger sentByPusher = new AtomicInteger();
  private final Worker worker;
  private long handoff;

  LanesTest() throws Exception {
    List<Route<?, ?>> routes = new ArrayList<>();
    for (LaneKind lane : LANES) {
      routes.add(TestRoutes.in(lane, new RawCodec(), Sleeper::new));
    }
    routes.add(
        TestRoutes.in(LaneKind.VIRTUAL, "write-timeout = 200ms", new RawCodec(), Pusher::new));
    routes.add(TestRoutes.in(LaneKind.RING, new RawCodec(), Streamer::new));
    routes.add(
        TestRoutes.in(LaneKind.RING, "max-pending = " + MAX_PENDING, new RawCodec(), Pusher::new));
    Settings settings =
        SettingsFixture.settings(
            "fleet.drain-timeout = 50ms, worker.ring-threads = " + RING_THREADS);
    worker = new Worker(settings, routes, manager.workersEnd);
  }

  /** Echoes; but whoever says "sleep" makes it sleep until the test wakes it. */
  private final class Sleeper implements Service<ByteBuf, ByteBuf> {
    @Override
    public void received(Session<ByteBuf> session, ByteBuf message) {
      if (message.toString(StandardCharsets.US_ASCII).equals("sleep")) {
        sleeping.countDown();
        asleep.acquireUninterruptibly();
      }
      session.send(message.retain());
    }
  }

  /** Sends until it is told that the session is over, with no look at whether anybody reads. */
  private final class Pusher implements Service<ByteBuf, ByteBuf> {
    @Override
    public void received(Session<ByteBuf> session, ByteBuf message) {
      while (session.send(Unpooled.wrappedBuffer(new byte[64 * 1024]))) {
        sentByPusher.incrementAndGet();
      }
    }

    @Override
    public void closed(Session<ByteBuf> session, CloseReason why) {
      closed.add(why);
    }
  }

  /** Sends one byte after the other, as long as it may, and goes on when it may again. */
  private static final class Streamer implements Service<ByteBuf, ByteBuf> {
    static final int BYTES = 10_000;

    private int left = BYTES;

    @Override
    public void received(Session<ByteBuf> session, ByteBuf message) {
      writable(session);
    }

    @Override
    public void writable(Session<ByteBuf> session) {
      for (; left > 0 && session.writable(); left--) {
        session.send(Unpooled.wrappedBuffer(new byte[] {'x'}));
      }
    }
  }

  @BeforeEach
  void ready() throws Exception {
    worker.start();
    assertThat(manager.receive()).containsExactly(new Ready(SavedSession.READ));
  }

  @AfterEach
  void stop() throws IOException {
    asleep.release(1_000_000);
    for (SocketChannel client : clients) {
      client.close();
    }
    worker.close();
    manager.close();
  }

  private SocketChannel connect(LaneKind lane) throws Exception {
    return connect(LANES.indexOf(lane));
  }

  private SocketChannel connect(int listener) throws Exception {
    SocketChannel client = manager.handOff(++handoff, listener, manager.connect());
    assertThat(manager.await(Taken.class)).isEqualTo(new Taken(handoff));
    clients.add(client);
    return client;
  }

  private static void say(SocketChannel client, String text) throws IOException {
    client.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
  }

  private static String hear(SocketChannel client, int bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(bytes);
    while (buffer.hasRemaining()) {
      if (client.read(buffer) < 0) {
        throw new IOException("closed after " + buffer.position() + " bytes");
      }
    }
    return new String(buffer.array(), StandardCharsets.US_ASCII);
  }

  @ParameterizedTest
  @EnumSource(LaneKind.class)
  void eachLaneAnswersInOrder(LaneKind lane) throws Exception {
    SocketChannel client = connect(lane);
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < 500; i++) {
      String text = i + ";";
      say(client, text);
      all.append(text);
    }
    assertThat(hear(client, all.length())).isEqualTo(all.toString());
  }

  @Test
  void aServiceThatSleepsOnAVirtualThreadHoldsUpNobody() throws Exception {
    say(connect(LaneKind.VIRTUAL), "sleep");
    sleeping.await();
    for (int i = 0; i < QUICK; i++) {
      SocketChannel quick = connect(LaneKind.VIRTUAL);
      say(quick, "quick");
      assertThat(hear(quick, 5)).isEqualTo("quick");
    }
    asleep.release();
    assertThat(hear(clients.getFirst(), 5)).isEqualTo("sleep");
  }

  @Test
  void aServiceThatSleepsInARingHoldsUpItsOwnThreadOnly() throws Exception {
    say(connect(LaneKind.RING), "sleep");
    sleeping.await();
    List<SocketChannel> held = new ArrayList<>();
    for (int i = 1; i <= QUICK; i++) {
      SocketChannel quick = connect(LaneKind.RING);
      say(quick, "quick");
      if (i % RING_THREADS == 0) {
        held.add(quick); // the sessions take the threads in turn: this is the sleeper's
      } else {
        assertThat(hear(quick, 5)).isEqualTo("quick");
      }
    }
    for (SocketChannel each : held) {
      each.configureBlocking(false);
      assertThat(each.read(ByteBuffer.allocate(5))).isZero();
      each.configureBlocking(true);
    }
    asleep.release();
    for (SocketChannel each : held) {
      assertThat(hear(each, 5)).isEqualTo("quick");
    }
  }

  @Test
  void aSenderThatMustNotBlockHearsWhenItMayGoOn() throws Exception {
    SocketChannel client = connect(LANES.size() + 1);
    say(client, "go");
    assertThat(hear(client, Streamer.BYTES)).isEqualTo("x".repeat(Streamer.BYTES));
  }

  @Test
  void aSenderThatHeedsNothingEndsItsSessionWhenItsClientNeverReads() throws Exception {
    say(connect(LANES.size() + 2), "go");
    assertThat(closed.take()).isEqualTo(CloseReason.LIMIT);
    assertThat(sentByPusher.get()).isLessThan(500); // what the kernel takes, and max-pending
  }

  @Test
  void aSenderOnAVirtualThreadIsHeldBackAndAClientThatNeverReadsIsClosed() throws Exception {
    say(connect(LANES.size()), "go");
    assertThat(closed.take()).isEqualTo(CloseReason.TIMEOUT);
    // What the kernel holds for such a client and the high-water mark, not what was to be sent.
    assertThat(sentByPusher.get()).isLessThan(500);
  }
}
