package io.baton.worker;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.baton.config.CodecSettings;
import io.baton.config.Settings.LaneKind;
import io.baton.config.SettingsFixture;
import io.baton.pipe.Refusal;
import io.baton.service.CloseReason;
import io.baton.service.Hold;
import io.baton.service.Service;
import io.baton.service.Session;
import io.baton.worker.codec.http.HttpCodec;
import io.baton.worker.codec.line.LineCodec;
import io.baton.worker.codec.raw.RawCodec;
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
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What moves with a connection, and what happens when it cannot. */
@Timeout(20)
@ExtendWith(NoLeaks.class)
final class MigrationTest {
  private static final List<LaneKind> LANES = List.of(LaneKind.values());
  private static final int LINES = 0; // and one for each other lane
  private static final int BIG = 3;
  private static final int PICKY = 4;
  private static final int CHANGED = 5;
  private static final int UNSAVABLE = 6;
  private static final int HTTP = 7;
  private static final int BULK = 8;
  private static final int FEED = 9; // and one for each other lane
  private static final long LOOK_NANOS = 20_000;

  private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
  private final Queue<Hold> holds = new ConcurrentLinkedQueue<>();
  private final AtomicReference<@Nullable Session<String>> fed = new AtomicReference<>();
  private final Relay relay;

  MigrationTest() throws Exception {
    relay = new Relay("fleet.quiesce-timeout = 20ms", this::routes);
  }

  @AfterEach
  void close() throws Exception {
    relay.close();
  }

  private List<Route<?, ?>> routes(int worker) {
    CodecSettings.Http bounds = SettingsFixture.http("max-content-in-memory = 1m");
    return List.of(
        TestRoutes.in(LaneKind.LOOP, new LineCodec(100), () -> new Counter(worker)),
        TestRoutes.in(LaneKind.RING, new LineCodec(100), () -> new Counter(worker)),
        TestRoutes.in(LaneKind.VIRTUAL, new LineCodec(100), () -> new Counter(worker)),
        TestRoutes.in(LaneKind.LOOP, new LineCodec(100), Big::new),
        TestRoutes.in(LaneKind.VIRTUAL, new LineCodec(100), () -> new Picky(worker)),
        worker == 0
            ? TestRoutes.in(LaneKind.LOOP, new LineCodec(100), () -> new Counter(0))
            : TestRoutes.in(LaneKind.LOOP, new RawCodec(), Bulk::new),
        TestRoutes.in(LaneKind.LOOP, new LineCodec(100), Unsavable::new),
        TestRoutes.in(LaneKind.LOOP, new HttpCodec(bounds, InstantSource.system()), Web::new),
        TestRoutes.in(LaneKind.LOOP, new RawCodec(), Bulk::new),
        TestRoutes.in(LaneKind.LOOP, new LineCodec(100), Feed::new),
        TestRoutes.in(LaneKind.RING, new LineCodec(100), Feed::new),
        TestRoutes.in(LaneKind.VIRTUAL, new LineCodec(100), Feed::new));
  }

  /** Tells a thread of its own which session the client's is now. */
  private class Feed implements Service<String, String> {
    @Override
    public boolean opened(Session<String> session) {
      fed.set(session);
      return true;
    }

    @Override
    public void received(Session<String> session, String line) {}

    @Override
    public void resumed(Session<String> session, byte[] saved) {
      fed.set(session);
    }
  }

  /** Answers each line with its worker and the number of lines so far. */
  private class Counter implements Service<String, String> {
    private final int worker;
    private int lines;

    Counter(int worker) {
      this.worker = worker;
    }

    @Override
    public boolean opened(Session<String> session) {
      events.add("opened " + worker);
      return true;
    }

    @Override
    public void received(Session<String> session, String line) {
      lines++;
      switch (line) {
        case "hold" -> holds.add(session.hold());
        case "later" -> {
          var _ = session.after(Duration.ofMillis(1), () -> session.send("late"));
        }
        default -> {}
      }
      session.send("%d %d %s".formatted(worker, lines, line));
    }

    @Override
    public byte[] save(Session<String> session) {
      return new byte[] {(byte) lines};
    }

    @Override
    public void resumed(Session<String> session, byte[] saved) {
      lines = saved[0];
      events.add("resumed " + worker);
    }

    @Override
    public void closed(Session<String> session, CloseReason why) {
      events.add("closed " + worker + " " + why);
    }
  }

  /** Saves more than fits into a packet. */
  private static final class Big implements Service<String, String> {
    private byte[] state = new byte[10 * 1024 * 1024];

    @Override
    public boolean opened(Session<String> session) {
      for (int i = 0; i < state.length; i++) {
        state[i] = (byte) (i * 31);
      }
      return true;
    }

    @Override
    public void received(Session<String> session, String line) {
      session.send(Integer.toString(java.util.Arrays.hashCode(state)));
    }

    @Override
    public byte[] save(Session<String> session) {
      return state;
    }

    @Override
    public void resumed(Session<String> session, byte[] saved) {
      state = saved;
    }
  }

  /** As a counter, but the second worker's cannot read what the first one's saved. */
  private final class Picky extends Counter {
    private final int worker;

    Picky(int worker) {
      super(worker);
      this.worker = worker;
    }

    @Override
    public void resumed(Session<String> session, byte[] saved) {
      if (worker == 1) {
        session.send("never to be seen");
        throw new IllegalArgumentException("saved by another version");
      }
      super.resumed(session, saved);
    }
  }

  private static final class Unsavable implements Service<String, String> {
    @Override
    public void received(Session<String> session, String line) {
      session.send(line);
    }

    @Override
    public byte[] save(Session<String> session) {
      throw new IllegalStateException("not today");
    }
  }

  /** Answers when the test lets it. */
  private final class Web implements Service<FullHttpRequest, HttpObject> {
    @Override
    public void received(Session<HttpObject> session, FullHttpRequest request) {
      holds.add(() ->
          session.send(
              new DefaultFullHttpResponse(
                  HttpVersion.HTTP_1_1,
                  HttpResponseStatus.OK,
                  Unpooled.copiedBuffer(request.uri(), ISO_8859_1))));
      if (request.uri().equals("/now")) {
        java.util.Objects.requireNonNull(holds.poll()).release();
      }
    }
  }

  /** Answers with a megabyte, whatever is said. */
  private static final class Bulk implements Service<ByteBuf, ByteBuf> {
    static final int BYTES = 8 * 1024 * 1024;

    static byte piece(int i) {
      return (byte) ((i * 7) >> 3);
    }

    @Override
    public void received(Session<ByteBuf> session, ByteBuf message) {
      byte[] all = new byte[BYTES];
      for (int i = 0; i < all.length; i++) {
        all[i] = piece(i);
      }
      session.send(Unpooled.wrappedBuffer(all));
    }
  }

  private static void write(SocketChannel socket, String text) throws IOException {
    socket.write(ByteBuffer.wrap(text.getBytes(ISO_8859_1)));
  }

  private static String read(SocketChannel socket, int bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(bytes);
    while (buffer.hasRemaining() && socket.read(buffer) >= 0) {}
    return new String(buffer.array(), 0, buffer.position(), ISO_8859_1);
  }

  private static String readLine(SocketChannel socket) throws IOException {
    StringBuilder line = new StringBuilder();
    for (String c = read(socket, 1); !c.equals("\n"); c = read(socket, 1)) {
      if (c.isEmpty()) {
        return line + "<end>";
      }
      line.append(c);
    }
    return line.toString();
  }

  private static String ask(SocketChannel socket, String line) throws IOException {
    write(socket, line + "\n");
    return readLine(socket);
  }

  /** What is answered, but for what comes late. */
  private static String answer(SocketChannel socket, String line) throws IOException {
    String answer = ask(socket, line);
    while (answer.equals("late")) {
      answer = readLine(socket);
    }
    return answer;
  }

  @ParameterizedTest
  @EnumSource(LaneKind.class)
  void aSessionGoesOnWithItsStateInAnotherWorkerAndBack(LaneKind lane) throws Exception {
    try (SocketChannel client = relay.client(0, LANES.indexOf(lane))) {
      assertThat(ask(client, "a")).isEqualTo("0 1 a");
      relay.moveAll(0);
      assertThat(ask(client, "b")).isEqualTo("1 2 b");
      relay.moveAll(1);
      assertThat(ask(client, "c")).isEqualTo("0 3 c");
    }
    List<String> all = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      all.add(events.take()); // each worker has a lane of its own: between them there is no order
    }
    assertThat(all)
        .containsExactlyInAnyOrder(
            "opened 0",
            "closed 0 MOVED",
            "resumed 1",
            "closed 1 MOVED",
            "resumed 0",
            "closed 0 CLIENT");
    relay.await("nobody is left", () -> relay.connections(0) + relay.connections(1) == 0);
  }

  @Test
  void halfALineGoesAlong() throws Exception {
    try (SocketChannel client = relay.client(0, LINES)) {
      assertThat(ask(client, "a")).isEqualTo("0 1 a");
      write(client, "x\nhal");
      assertThat(readLine(client)).isEqualTo("0 2 x"); // so the half has come, too
      relay.moveAll(0);
      assertThat(ask(client, "f")).isEqualTo("1 3 half");
      relay.await("it is reported", () -> relay.counters().messagesIn() == 3);
      assertThat(relay.counters().bytesIn()).as("each counted once").isEqualTo(9);
    }
  }

  @ParameterizedTest
  @EnumSource(LaneKind.class)
  void aRunningMessageIsFinishedFirstAndWhatTakesTooLongIsTriedAgain(LaneKind lane)
      throws Exception {
    try (SocketChannel client = relay.client(0, LANES.indexOf(lane));
        SocketChannel other = relay.client(0, LINES)) {
      assertThat(ask(client, "hold")).isEqualTo("0 1 hold");
      relay.allowAll(0);
      relay.await("the other one has moved", () -> relay.connections(1) == 1);
      assertThat(ask(other, "x")).isEqualTo("1 1 x");
      assertThat(ask(client, "b")).as("thawed again in between").isEqualTo("0 2 b");
      relay.await("it has been held", () -> !holds.isEmpty());
      java.util.Objects.requireNonNull(holds.poll()).release();
      relay.await("it has moved", () -> relay.connections(1) == 2);
      assertThat(ask(client, "c")).isEqualTo("1 3 c");
    }
  }

  @Test
  void timersStayBehind() throws Exception {
    try (SocketChannel client = relay.client(0, LINES)) {
      for (int i = 0; i < 20; i++) {
        int from = i % 2;
        assertThat(answer(client, "later")).startsWith(from + " ");
        relay.moveAll(from);
      }
      assertThat(answer(client, "end")).isEqualTo("0 21 end");
    }
  }

  @Test
  void aLargeStateGoesAside() throws Exception {
    try (SocketChannel client = relay.client(0, BIG)) {
      String before = ask(client, "?");
      relay.moveAll(0);
      assertThat(ask(client, "?")).isEqualTo(before);
      assertThat(relay.aside).hasValue(1);
    }
  }

  @Test
  void outputThatTheClientHasNotTakenGoesAlong() throws Exception {
    try (SocketChannel client = relay.client(0, BULK)) {
      write(client, "x");
      assertThat(read(client, 1)).hasSize(1); // it is on its way, and does not fit into the kernel
      relay.moveAll(0);
      assertThat(relay.aside).hasValue(1);
      String rest = read(client, Bulk.BYTES - 1);
      for (int i = 1; i < Bulk.BYTES; i++) {
        if ((byte) rest.charAt(i - 1) != Bulk.piece(i)) {
          throw new AssertionError("byte " + i);
        }
      }
      relay.await(
          "it is reported",
          () -> relay.counters().movedIn() == 1 && relay.counters().movedOut() == 1);
      assertThat(relay.counters().bytesOut()).as("each counted once").isEqualTo(Bulk.BYTES);
    }
  }

  /** The one service cannot read what was saved, the other listener has another codec. */
  @ParameterizedTest
  @ValueSource(ints = {PICKY, CHANGED})
  void whatCannotBeReadElsewhereComesBackAndGoesOn(int listener) throws Exception {
    try (SocketChannel client = relay.client(0, listener)) {
      assertThat(ask(client, "a")).isEqualTo("0 1 a");
      relay.allow(0, 1);
      relay.await("it is back", () -> relay.moved.get() == 1 && relay.connections(0) == 1);
      assertThat(relay.refusals).singleElement().matches(r -> r.why() == Refusal.UNREADABLE);
      assertThat(ask(client, "b")).isEqualTo("0 2 b");
    }
  }

  @Test
  void aServiceThatCannotSaveStaysAndServes() throws Exception {
    try (SocketChannel client = relay.client(0, UNSAVABLE);
        SocketChannel other = relay.client(0, LINES)) {
      assertThat(ask(client, "a")).isEqualTo("a");
      relay.allow(0, 2);
      relay.await("the other one has moved", () -> relay.connections(1) == 1);
      assertThat(ask(client, "b")).isEqualTo("b");
      assertThat(ask(other, "x")).isEqualTo("1 1 x");
      assertThat(relay.connections(0)).isEqualTo(1);
    }
  }

  @Test
  void aRequestIsAnsweredWhereItCameAndTheNextOneElsewhere() throws Exception {
    try (SocketChannel client = relay.client(0, HTTP)) {
      write(
          client, "GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /now HTTP/1.1\r\nHost: h\r\n\r\nGET /no");
      relay.await("it is asked", () -> !holds.isEmpty());
      relay.allowAll(0);
      java.util.Objects.requireNonNull(holds.poll()).release();
      relay.await("it has moved", () -> relay.connections(1) == 1);
      write(client, "w HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
      String all = read(client, 1 << 20);
      assertThat(all.split("HTTP/1.1 200 OK", -1)).hasSize(4);
      assertThat(all).contains("/1").contains("/now");
    }
  }

  @Test
  void aClientThatEndsItsSideIsAnsweredWhereverItIs() throws Exception {
    try (SocketChannel client = relay.client(0, BULK)) {
      write(client, "x");
      client.shutdownOutput();
      assertThat(read(client, 1)).hasSize(1);
      relay.allowAll(0);
      assertThat(read(client, Bulk.BYTES)).hasSize(Bulk.BYTES - 1);
    }
  }

  /**
   * Sends numbers, each until a session has taken it; no faster than it is told. Ends with 0, when
   * so many were sent and sessions have moved some times.
   */
  private void feed(int atLeast) {
    boolean ended = false;
    for (int number = 1; !ended; ) {
      boolean ends = number > atLeast && relay.moved.get() > 2;
      Session<String> session = java.util.Objects.requireNonNull(fed.get());
      if (!session.writable()) {
        LockSupport.parkNanos(LOOK_NANOS);
      } else if (session.send(ends ? "0" : Integer.toString(number))) {
        ended = ends;
        number++;
      } else {
        while (session.equals(fed.get())) {
          LockSupport.parkNanos(LOOK_NANOS); // it has moved, and is about to be resumed
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(LaneKind.class)
  void whatAnotherThreadSendsWhileItsSessionMovesComesOnceAndInOrder(LaneKind lane)
      throws Exception {
    try (SocketChannel client = relay.client(0, FEED + LANES.indexOf(lane))) {
      relay.await("it is opened", () -> fed.get() != null);
      Thread feeder = Thread.ofPlatform().start(() -> feed(20_000));
      Thread mover =
          Thread.ofPlatform()
              .start(() -> {
                for (int from = 0; feeder.isAlive(); from = 1 - from) {
                  try {
                    relay.moveAll(from);
                  } catch (Exception e) {
                    throw new IllegalStateException(e);
                  }
                }
              });
      String line = readLine(client);
      for (int number = 1; !line.equals("0"); number++) {
        assertThat(line).isEqualTo(Integer.toString(number));
        line = readLine(client);
      }
      feeder.join();
      mover.join();
      assertThat(relay.moved.get()).isGreaterThan(2);
    }
  }
}
