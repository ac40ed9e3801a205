package io.baton.worker.codec.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.baton.codec.Protocol;
import io.baton.codec.Saved;
import io.baton.codec.http.PlainResponse;
import io.baton.config.CodecSettings;
import io.baton.config.Settings;
import io.baton.config.SettingsFixture;
import io.baton.worker.NoLeaks;
import io.baton.worker.codec.CutAnywhere;
import io.baton.worker.codec.Recorder;
import io.baton.worker.codec.raw.RawCodec;
import io.baton.worker.migration.SavedSession;
import io.baton.worker.session.SessionHarness;
import io.baton.worker.spool.Spool;
import io.baton.worker.spool.TestSpool;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A session that moves between any two bytes, except inside a body. */
@ExtendWith(NoLeaks.class)
final class HttpCutTest {
  private static final InstantSource CLOCK =
      InstantSource.fixed(Instant.parse("2026-03-04T05:06:07Z"));
  private static final String LIMITS =
      "max-request-line = 256, max-header = 1024, max-content = 64";
  private static final CodecSettings.Http BOUNDS = SettingsFixture.http(LIMITS);
  private static final HttpCodec CODEC = new HttpCodec(BOUNDS, CLOCK);

  /** One side of a conversation, and where it is inside a body. */
  private static final class Conversation {
    private final StringBuilder text = new StringBuilder();
    private final NavigableSet<Integer> bodies = new TreeSet<>();

    Conversation bare(String head) {
      text.append(head.replace("~", "\r\n")).append("\r\n\r\n");
      return this;
    }

    Conversation body(String head, String body) {
      bare(head);
      int from = text.length();
      text.append(body.replace("~", "\r\n"));
      IntStream.range(from, text.length()).forEach(bodies::add);
      return this;
    }

    byte[] bytes() {
      return text.toString().getBytes(StandardCharsets.ISO_8859_1);
    }
  }

  private static Conversation conversation() {
    return new Conversation()
        .bare("GET /first HTTP/1.1~Host: h~X-Long: " + "x".repeat(60))
        .bare("HEAD /second HTTP/1.1~Host: h")
        .body("POST /third HTTP/1.1~Host: h~Content-Length: 7", "a\r\n\r\nbc")
        .bare("~GET /stream HTTP/1.1~Host: h")
        .body(
            "PUT /fourth HTTP/1.1~Host: h~Transfer-Encoding: chunked",
            "3~abc~a;x=\"y\"~0123456789~0~X-Trailer: t~~")
        .body("POST / HTTP/1.1~Host: h~Expect: 100-continue~Content-Length: 2", "hi")
        .bare("POST /none HTTP/1.1~Host: h~Content-Length: 0")
        .bare("GET /last HTTP/1.0~Connection: keep-alive");
  }

  private static String answer(Object message, Consumer<Object> send) {
    if (message instanceof ByteBuf bytes) { // after an upgrade
      String text = bytes.toString(StandardCharsets.ISO_8859_1);
      send.accept(Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1));
      return text;
    }
    FullHttpRequest request = (FullHttpRequest) message;
    if (request.uri().equals("/stream")) {
      send.accept(new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK));
      send.accept(new DefaultHttpContent(text("one")));
      send.accept(new DefaultLastHttpContent(text("two")));
    } else {
      send.accept(ok(request.method() + request.uri()));
    }
    return "%s %s %s %s %s|"
        .formatted(
            request.method(),
            request.uri(),
            request.headers().entries(),
            request.content().toString(StandardCharsets.ISO_8859_1),
            request.trailingHeaders().entries());
  }

  private static FullHttpResponse ok(String text) {
    return new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK, text(text));
  }

  private static ByteBuf text(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
  }

  @Test
  void itMovesBetweenAnyTwoBytesExceptInsideABody() {
    Conversation conversation = conversation();
    CutAnywhere cut = new CutAnywhere(CODEC, HttpCutTest::answer);
    assertThat(cut.uncut(conversation.bytes()).messages()).hasSize(8);
    assertThat(cut.everyCut(conversation.bytes())).isEqualTo(conversation.bodies);
  }

  /** Whether a body is in memory or in a file makes no difference to anybody. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 6, 7, 12, 13})
  void itMovesAsWellIfBodiesAreSpooled(int inMemory) {
    CodecSettings.Http bounds =
        SettingsFixture.http(LIMITS + ", max-content-in-memory = " + inMemory);
    CutAnywhere spooled =
        new CutAnywhere(new HttpCodec(bounds, CLOCK, TestSpool.prompt()), HttpCutTest::answer);
    Conversation conversation = conversation();
    byte[] bytes = conversation.bytes();
    assertThat(spooled.uncut(bytes))
        .isEqualTo(new CutAnywhere(CODEC, HttpCutTest::answer).uncut(bytes));
    assertThat(spooled.everyCut(bytes)).isEqualTo(conversation.bodies);
    spooled.randomly(bytes, 50);
  }

  /** A stream's pieces depend on how it is cut, all of them together do not. */
  @Test
  void itMovesBetweenAnyTwoBytesExceptInsideAStream() {
    RoutedHttpCodec codec =
        new RoutedHttpCodec(
            BOUNDS,
            CLOCK,
            Spool.NONE,
            List.of(new Settings.HttpRoute("/*", "http", "s", Settings.Body.STREAM, 64)),
            Map.of());
    CutAnywhere streamed = new CutAnywhere(codec, HttpCutTest::answerAtTheEnd).messagesAreReads();
    Conversation conversation = conversation();
    byte[] bytes = conversation.bytes();
    assertThat(streamed.uncut(bytes).messages().getFirst())
        .contains("POST /third [a\r\n\r\nbc]", "PUT /fourth [abc0123456789X-Trailer=t]")
        .endsWith("GET /last []");
    assertThat(streamed.everyCut(bytes)).isEqualTo(conversation.bodies);
    streamed.randomly(bytes, 300);
  }

  private static String answerAtTheEnd(Object piece, Consumer<Object> send) {
    return switch (piece) {
      case HttpRequest head -> head.method() + " " + head.uri() + " [";
      case LastHttpContent last -> {
        send.accept(ok("done"));
        StringBuilder text =
            new StringBuilder(last.content().toString(StandardCharsets.ISO_8859_1));
        last.trailingHeaders().forEach(text::append);
        yield text.append("]").toString();
      }
      case HttpContent content -> content.content().toString(StandardCharsets.ISO_8859_1);
      default -> throw new AssertionError(piece);
    };
  }

  @Test
  void itMovesAtAnyMomentThoughRequestsArePipelined() {
    new CutAnywhere(CODEC, HttpCutTest::answer).randomly(conversation().bytes(), 300);
  }

  @Test
  void whatIsWrongIsWrongWhereverItIsCut() {
    Conversation conversation =
        new Conversation()
            .bare("GET /first HTTP/1.1~Host: h")
            .bare("GET /second HTTP/1.1~Host: h~ folded: x");
    byte[] bytes = conversation.bytes();
    CutAnywhere cut = new CutAnywhere(CODEC, HttpCutTest::answer);
    assertThat(cut.uncut(bytes).output()).contains("400 Bad Request");
    int told = conversation.text.length() - 2; // the end of the folded line
    assertThat(cut.everyCut(bytes))
        .containsExactlyElementsOf(IntStream.rangeClosed(told, bytes.length).boxed().toList());
  }

  @Test
  void anUpgradeIsAskedForAndFollowedByItsBytesWhereverItIsCut() {
    Recorder recorder = new Recorder(HttpCutTest::answer);
    Protocol<?, ?> raw = recorder.protocol("/up", new RawCodec());
    HttpCodec codec =
        new HttpCodec(BOUNDS, CLOCK, Map.of("/up", request -> switchTo(request, raw)));
    Conversation conversation =
        new Conversation()
            .bare("GET /first HTTP/1.1~Host: h")
            .bare("GET /up HTTP/1.1~Host: h~X: no")
            .bare("GET /up?x HTTP/1.1~Host: h~Connection: upgrade~Upgrade: raw");
    conversation.text.append("these are\r\n\r\nbytes");
    CutAnywhere cut = new CutAnywhere(codec, recorder, List.of(raw)).messagesAreReads();

    assertThat(cut.uncut(conversation.bytes()).output())
        .contains("GET/first", "403 Forbidden")
        .containsOnlyOnce("HTTP/1.1 101 Switching Protocols\r\n")
        .endsWith("\r\n\r\nthese are\r\n\r\nbytes");
    assertThat(cut.everyCut(conversation.bytes())).isEmpty();
    cut.randomly(conversation.bytes(), 100);
  }

  private static Upgrade.Answer switchTo(FullHttpRequest request, Protocol<?, ?> next) {
    if (!request.headers().contains(HttpHeaderNames.UPGRADE)) {
      return new Upgrade.Answer.Refuse(PlainResponse.of(HttpResponseStatus.FORBIDDEN));
    }
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS, Unpooled.EMPTY_BUFFER);
    response
        .headers()
        .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE)
        .set(HttpHeaderNames.UPGRADE, "raw");
    return new Upgrade.Answer.Switch(response, next);
  }

  @Test
  void whatAnotherCodecOrVersionSavedIsRefused() {
    ByteBuffer none = ByteBuffer.allocate(0);
    for (Saved codec :
        new Saved[] {Saved.unread("raw", 1, none), Saved.unread(HttpCodec.NAME, 2, none)}) {
      SavedSession saved = new SavedSession("", codec, none, none);
      try (SessionHarness<FullHttpRequest, HttpObject> harness = new SessionHarness<>(CODEC)) {
        assertThatIllegalArgumentException()
            .isThrownBy(() -> harness.resume(saved.encode(SavedSession.READ)))
            .withMessageContaining("http in version 1");
      }
    }
  }
}
