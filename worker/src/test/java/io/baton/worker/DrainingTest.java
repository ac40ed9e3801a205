package io.baton.worker;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.baton.config.CodecSettings;
import io.baton.config.Settings.LaneKind;
import io.baton.config.SettingsFixture;
import io.baton.service.CloseReason;
import io.baton.service.Draining;
import io.baton.service.Hold;
import io.baton.service.Service;
import io.baton.service.Session;
import io.baton.worker.codec.http.HttpCodec;
import io.baton.worker.codec.http.HttpRouter;
import io.baton.worker.codec.http.RoutedHttpCodec;
import io.baton.worker.codec.line.LineCodec;
import io.baton.worker.session.Route;
import io.baton.worker.session.TestRoutes;
import io.baton.worker.spool.Spool;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which sessions hear that their worker is about to end, and what becomes of them then. */
@Timeout(20)
@ExtendWith(NoLeaks.class)
final class DrainingTest {
  private static final int ROUTED = 3;
  private static final int LINES = 4;

  private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
  private final BlockingQueue<CloseReason> closed = new LinkedBlockingQueue<>();
  private final BlockingQueue<Hold> holds = new LinkedBlockingQueue<>();
  private final Relay relay;

  DrainingTest() throws Exception {
    relay = new Relay("", this::routes);
  }

  @AfterEach
  void close() throws Exception {
    relay.close();
  }

  private List<Route<?, ?>> routes(int worker) {
    CodecSettings.Http bounds = SettingsFixture.http("max-content-in-memory = 1m");
    HttpCodec http = new HttpCodec(bounds, InstantSource.system());
    RoutedHttpCodec routed =
        new RoutedHttpCodec(bounds, InstantSource.system(), Spool.NONE, List.of(), Map.of());
    HttpRouter.Table table =
        new HttpRouter.Table(List.of(HttpRouter.Target.whole("/events", Events::new)));
    return List.of(
        TestRoutes.in(LaneKind.LOOP, http, Events::new),
        TestRoutes.in(LaneKind.RING, http, Events::new),
        TestRoutes.in(LaneKind.VIRTUAL, http, Events::new),
        TestRoutes.in(LaneKind.LOOP, routed, () -> new HttpRouter(table)),
        TestRoutes.in(LaneKind.VIRTUAL, new LineCodec(100), Lines::new));
  }

  /** Answers each request with a stream of events that ends when the worker is about to. */
  private final class Events implements Service<FullHttpRequest, HttpObject>, Draining<HttpObject> {
    @Override
    public void received(Session<HttpObject> session, FullHttpRequest request) {
      session.send(new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK));
      session.send(new DefaultHttpContent(Unpooled.copiedBuffer("first\n", US_ASCII)));
    }

    @Override
    public void draining(Session<HttpObject> session) {
      events.add("draining");
      session.send(new DefaultLastHttpContent(Unpooled.copiedBuffer("last\n", US_ASCII)));
    }

    @Override
    public void closed(Session<HttpObject> session, CloseReason why) {
      closed.add(why);
    }
  }

  /** Echoes each line, and holds the line "hold"; says farewell. */
  private final class Lines implements Service<String, String>, Draining<String> {
    @Override
    public void received(Session<String> session, String line) {
      if (line.equals("hold")) {
        holds.add(session.hold());
      }
      session.send(line);
    }

    @Override
    public void draining(Session<String> session) {
      events.add("draining");
      session.send("farewell");
    }
  }

  private static BufferedReader reader(SocketChannel client) throws Exception {
    return new BufferedReader(new InputStreamReader(client.socket().getInputStream(), US_ASCII));
  }

  private static void write(SocketChannel client, String text) throws Exception {
    client.write(ByteBuffer.wrap(text.getBytes(US_ASCII)));
  }

  private static void ask(SocketChannel client) throws Exception {
    write(client, "GET /events HTTP/1.1\r\nHost: h\r\n\r\n");
  }

  private static void readUntil(BufferedReader from, String line) throws Exception {
    for (String next = from.readLine(); !line.equals(next); next = from.readLine()) {
      assertThat(next).as("before " + line).isNotNull();
    }
  }

  private static void readEnd(BufferedReader from) throws Exception {
    readUntil(from, "last");
    assertThat(List.of(from.readLine(), from.readLine(), from.readLine()))
        .as("the end of the last chunk, the empty chunk, the end of the trailers")
        .containsExactly("", "0", "");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, ROUTED})
  void aStreamUnderWayEndsInOrderAndItsConnectionMoves(int listener) throws Exception {
    try (SocketChannel client = relay.client(0, listener)) {
      BufferedReader from = reader(client);
      ask(client);
      readUntil(from, "first");
      relay.moveAll(0);
      readEnd(from);
      assertThat(events.take()).isEqualTo("draining");
      // The connection goes on in the other worker, which is told likewise.
      ask(client);
      readUntil(from, "first");
      relay.moveAll(1);
      readEnd(from);
    }
  }

  @Test
  void manyStreamsEndTogetherAndNotAFewAtATime() throws Exception {
    List<SocketChannel> clients = new ArrayList<>();
    List<BufferedReader> readers = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      SocketChannel client = relay.client(0, i % 3);
      clients.add(client);
      readers.add(reader(client));
      ask(client);
      readUntil(readers.get(i), "first");
    }
    relay.allow(0, 1);
    for (BufferedReader each : readers) {
      readEnd(each);
    }
    for (SocketChannel each : clients) {
      each.close();
    }
  }

  @Test
  void aSessionThatCanMoveHearsNothing() throws Exception {
    try (SocketChannel client = relay.client(0, LINES);
        SocketChannel busy = relay.client(0, LINES)) {
      write(client, "a\n");
      assertThat(reader(client).readLine()).isEqualTo("a");
      BufferedReader from = reader(busy);
      write(busy, "hold\n");
      assertThat(from.readLine()).isEqualTo("hold");
      relay.allowAll(0);
      assertThat(from.readLine()).as("the one that is held hears of it").isEqualTo("farewell");
      relay.await("the other has moved", () -> relay.connections(1) == 1);
      holds.take().release();
      relay.await("so has this one", () -> relay.connections(1) == 2);
      assertThat(events).containsExactly("draining");
    }
  }

  @Test
  void aDrainIsToldToAllThatAreLeftButIdleHttp() throws Exception {
    try (SocketChannel line = relay.client(0, LINES);
        SocketChannel idle = relay.client(0, 0);
        SocketChannel busy = relay.client(0, 0)) {
      BufferedReader lines = reader(line);
      write(line, "a\n");
      assertThat(lines.readLine()).isEqualTo("a");
      BufferedReader stream = reader(busy);
      ask(busy);
      readUntil(stream, "first");
      relay.drain(0, 60_000);
      assertThat(lines.readLine()).isEqualTo("farewell");
      readEnd(stream);
      assertThat(stream.readLine()).as("the end of its connection").isNull();
      assertThat(reader(idle).readLine()).isNull();
      assertThat(List.of(closed.take(), closed.take())).containsOnly(CloseReason.SHUTDOWN);
      assertThat(events).containsExactly("draining", "draining");
    }
  }
}
