package io.baton.worker;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.baton.codec.Codec;
import io.baton.config.Settings;
import io.baton.config.Settings.LaneKind;
import io.baton.config.SettingsFixture;
import io.baton.pipe.Message.Ready;
import io.baton.pipe.Message.Taken;
import io.baton.service.CloseReason;
import io.baton.service.Service;
import io.baton.service.Session;
import io.baton.worker.codec.frame.FrameCodec;
import io.baton.worker.codec.http.HttpCodec;
import io.baton.worker.codec.line.LineCodec;
import io.baton.worker.codec.raw.RawCodec;
import io.baton.worker.codec.websocket.WebSocketCodec;
import io.baton.worker.migration.SavedSession;
import io.baton.worker.session.Route;
import io.baton.worker.session.TestRoutes;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufHolder;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a client sent before it ended its session is answered, in every lane and codec: real sockets
 * and threads, and a service that is busy with the first message while the end comes.
 */
@Timeout(30)
@ExtendWith(NoLeaks.class)
final class EndsTest {
  private static final int MAX = 20;

  /** A protocol's conversation: it is read whole while the service is busy with its beginning. */
  enum Talk {
    WEBSOCKET_CLOSE(text("busy") + text("a") + frame(8, "\u0003\u00e8"), said("busy", "a"), true),
    WEBSOCKET_VIOLATION(text("busy") + text("a") + frame(3, ""), said("busy", "a"), true),
    LINE_TOO_LONG("busy\na\n" + "x".repeat(MAX + 1), "busy\na\n", false),
    FRAME_TOO_LONG("\0\0\0\4busy\0\0\0\1a\0\1\0\0", "\0\0\0\4busy\0\0\0\1a", false),
    REQUEST_MALFORMED(get("/busy") + get("/a") + "nonsense\r\n\r\n", "HTTP/1.1 200 OK", true),
    RAW_END("busy", "busy", false);

    final String sent;
    final String answered;
    final boolean goodbye;

    Talk(String sent, String answered, boolean goodbye) {
      this.sent = sent;
      this.answered = answered;
      this.goodbye = goodbye;
    }

    Route<?, ?> route(LaneKind lane, EndsTest test) {
      return switch (this) {
        case WEBSOCKET_CLOSE, WEBSOCKET_VIOLATION ->
            test.route(lane, new WebSocketCodec(MAX, false), WebSocketFrame::retain);
        case LINE_TOO_LONG -> test.route(lane, new LineCodec(MAX), Function.identity());
        case FRAME_TOO_LONG -> test.route(lane, new FrameCodec(MAX), ByteBuf::retain);
        case REQUEST_MALFORMED ->
            test.route(
                lane,
                new HttpCodec(
                    SettingsFixture.http(
                        "max-request-line = 256, max-header = 512, max-content = 64"),
                    InstantSource.system()),
                _ ->
                    new DefaultFullHttpResponse(
                        HttpVersion.HTTP_1_1, HttpResponseStatus.OK, Unpooled.EMPTY_BUFFER));
        case RAW_END -> test.route(lane, new RawCodec(), ByteBuf::retain);
      };
    }

    private static String get(String path) {
      return "GET " + path + " HTTP/1.1\r\nHost: h\r\n\r\n";
    }

    private static String text(String text) {
      return frame(1, text);
    }

    private static String frame(int opcode, String payload) {
      return (char) (0x80 | opcode) + "" + (char) (0x80 | payload.length()) + "\0\0\0\0" + payload;
    }

    private static String said(String... texts) {
      StringBuilder all = new StringBuilder();
      for (String text : texts) {
        all.append('\u0081').append((char) text.length()).append(text);
      }
      return all.toString();
    }
  }

  private static final List<Talk> TALKS = List.of(Talk.values());
  private static final List<LaneKind> LANES = List.of(LaneKind.values());

  private final FakeManager manager = new FakeManager();
  private final Semaphore busy = new Semaphore(0);
  private final Semaphore goOn = new Semaphore(0);
  private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
  private final List<SocketChannel> clients = new ArrayList<>();
  private final Worker worker;
  private long handoff;

  EndsTest() throws Exception {
    List<Route<?, ?>> routes = new ArrayList<>();
    for (Talk talk : TALKS) {
      for (LaneKind lane : LANES) {
        routes.add(talk.route(lane, this));
      }
    }
    Service<String, String> echo = (session, line) -> session.send(line);
    routes.add(TestRoutes.in(LaneKind.LOOP, new LineCodec(MAX), () -> echo));
    Settings settings = SettingsFixture.settings("fleet.drain-timeout = 50ms");
    worker = new Worker(settings, routes, manager.workersEnd);
  }

  private <I, O> Route<I, O> route(LaneKind lane, Codec<I, O> codec, Function<I, O> answer) {
    return TestRoutes.in(lane, codec, () -> new Slow<>(lane, answer));
  }

  /** Answers; but where it may block it waits for the test before it answers what says "busy". */
  private final class Slow<I, O> implements Service<I, O> {
    private final LaneKind lane;
    private final Function<I, O> answer;

    Slow(LaneKind lane, Function<I, O> answer) {
      this.lane = lane;
      this.answer = answer;
    }

    @Override
    public void received(Session<O> session, I message) {
      String text =
          switch (message) {
            case FullHttpRequest request -> request.uri();
            case ByteBufHolder holder -> holder.content().toString(ISO_8859_1);
            case ByteBuf bytes -> bytes.toString(ISO_8859_1);
            default -> message.toString();
          };
      if (text.contains("busy")) {
        busy.release();
        if (lane != LaneKind.LOOP) {
          goOn.acquireUninterruptibly();
        }
      }
      events.add(text + (session.send(answer.apply(message)) ? "" : " refused"));
    }

    @Override
    public void closed(Session<O> session, CloseReason why) {
      events.add("closed " + why);
    }
  }

  @BeforeEach
  void ready() throws Exception {
    worker.start();
    assertThat(manager.receive()).containsExactly(new Ready(SavedSession.READ));
  }

  @AfterEach
  void stop() throws IOException {
    goOn.release(1_000);
    for (SocketChannel client : clients) {
      client.close();
    }
    worker.close();
    manager.close();
  }

  private SocketChannel connect(Talk talk, LaneKind lane) throws Exception {
    return connect(TALKS.indexOf(talk) * LANES.size() + LANES.indexOf(lane));
  }

  private SocketChannel connect(int listener) throws Exception {
    SocketChannel client = manager.handOff(++handoff, listener, manager.connect());
    assertThat(manager.await(Taken.class)).isEqualTo(new Taken(handoff));
    clients.add(client);
    return client;
  }

  /** The event loop has done with what it read before. */
  private void loopHasComeRound() throws Exception {
    SocketChannel other = connect(TALKS.size() * LANES.size());
    write(other, "x\n");
    assertThat(other.read(ByteBuffer.allocate(2))).isPositive();
  }

  private static void write(SocketChannel client, String text) throws IOException {
    client.write(ByteBuffer.wrap(text.getBytes(ISO_8859_1)));
  }

  private static String readToEnd(SocketChannel client) throws IOException {
    ByteBuffer all = ByteBuffer.allocate(4096);
    while (client.read(all) >= 0) {
      // and on
    }
    return new String(all.array(), 0, all.position(), ISO_8859_1);
  }

  static Stream<Arguments> talks() {
    return TALKS.stream().flatMap(talk -> LANES.stream().map(lane -> Arguments.of(talk, lane)));
  }

  private SocketChannel talk(Talk talk, LaneKind lane) throws Exception {
    SocketChannel client = connect(talk, lane);
    write(client, talk.sent);
    busy.acquire();
    return client;
  }

  @ParameterizedTest
  @MethodSource("talks")
  void whatCameBeforeTheEndIsAnswered(Talk talk, LaneKind lane) throws Exception {
    SocketChannel client = talk(talk, lane);
    if (talk == Talk.RAW_END) {
      client.shutdownOutput();
    }
    loopHasComeRound();
    goOn.release();
    String answer = readToEnd(client);
    assertThat(answer).startsWith(talk.answered);
    assertThat(answer.length() > talk.answered.length()).isEqualTo(talk.goodbye);
    assertThat(events.take()).contains("busy").doesNotContain("refused");
    if (talk != Talk.RAW_END) {
      assertThat(events.take()).endsWith("a");
    }
    client.close();
    assertThat(events.take())
        .isEqualTo(
            switch (talk) {
              case WEBSOCKET_CLOSE, RAW_END -> "closed CLIENT";
              default -> "closed PROTOCOL";
            });
  }

  @ParameterizedTest
  @EnumSource(
      value = LaneKind.class,
      names = {"RING", "VIRTUAL"})
  void whatCameBeforeAResetIsReceivedAndItsAnswerRefused(LaneKind lane) throws Exception {
    SocketChannel client = connect(Talk.LINE_TOO_LONG, lane);
    write(client, "busy\na\n");
    busy.acquire();
    loopHasComeRound();
    client.setOption(StandardSocketOptions.SO_LINGER, 0);
    client.close();
    loopHasComeRound();
    goOn.release();
    assertThat(events.take()).isEqualTo("busy refused");
    assertThat(events.take()).isEqualTo("a refused");
    assertThat(events.take()).isEqualTo("closed CLIENT");
  }
}
