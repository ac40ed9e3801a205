package io.baton.worker.codec.websocket;

import static io.baton.worker.codec.websocket.Frames.FIN;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.baton.codec.Protocol;
import io.baton.codec.websocket.Handshake;
import io.baton.config.CodecSettings;
import io.baton.config.SettingsFixture;
import io.baton.service.Service;
import io.baton.service.Session;
import io.baton.worker.NoLeaks;
import io.baton.worker.codec.CutAnywhere;
import io.baton.worker.codec.Recorder;
import io.baton.worker.codec.http.HttpCodec;
import io.baton.worker.codec.http.Upgrade;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(NoLeaks.class)
final class WebSocketUpgradeTest {
  private static final CodecSettings.WebSocket BOUNDS = new CodecSettings.WebSocket(1000, true);
  private static final String AGREED =
      "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

  /** Does nothing; has a name. */
  private record Named(String name) implements Service<WebSocketFrame, WebSocketFrame> {
    @Override
    public void received(Session<WebSocketFrame> session, WebSocketFrame message) {
      throw new AssertionError("nobody sends anything");
    }
  }

  /** Speaks two subprotocols, not with one origin. */
  private static final class Chats implements Handshake {
    @Override
    public List<String> subprotocols() {
      return List.of("chat2", "chat1");
    }

    @Override
    public boolean allows(HttpRequest request) {
      return !"https://elsewhere".equals(request.headers().get("Origin"));
    }

    @Override
    public Service<WebSocketFrame, WebSocketFrame> get(String subprotocol) {
      return new Named(subprotocol);
    }

    @Override
    public Service<WebSocketFrame, WebSocketFrame> get() {
      return new Named("none");
    }
  }

  private final FullHttpRequest request = request();
  private final DeniedOrigins denied = new DeniedOrigins(() -> 0);
  private List<String> origins = List.of();

  /** The one of RFC 6455, 1.2. */
  private static FullHttpRequest request() {
    FullHttpRequest request =
        new DefaultFullHttpRequest(
            HttpVersion.HTTP_1_1, HttpMethod.GET, "/chat", Unpooled.EMPTY_BUFFER);
    request
        .headers()
        .set("Host", "server.example.com")
        .set("Upgrade", "websocket")
        .set("Connection", "Upgrade")
        .set("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
        .set("Sec-WebSocket-Version", "13");
    return request;
  }

  private Upgrade.Answer ask() {
    return ask(BOUNDS, () -> new Named("plain"));
  }

  private Upgrade.Answer ask(
      CodecSettings.WebSocket bounds,
      Supplier<? extends Service<WebSocketFrame, WebSocketFrame>> service) {
    return new WebSocketUpgrade("chat", bounds, origins, denied, false, service).ask(request);
  }

  private static FullHttpResponse response(Upgrade.Answer answer) {
    return switch (answer) {
      case Upgrade.Answer.Switch(FullHttpResponse response, Protocol<?, ?> _) -> response;
      case Upgrade.Answer.Refuse(FullHttpResponse response) -> response;
      case Upgrade.Answer.Resume it -> it.response();
      case Upgrade.Answer.Return _ -> throw new AssertionError("it depends on a session");
    };
  }

  private static @Nullable Object service(Upgrade.Answer answer) {
    return switch (answer) {
      case Upgrade.Answer.Switch(FullHttpResponse _, Protocol<?, ?> next) -> next.service().get();
      case Upgrade.Answer.Refuse _, Upgrade.Answer.Resume _, Upgrade.Answer.Return _ -> null;
    };
  }

  @Test
  void theRequestOfTheRfcGetsTheAnswerOfTheRfc() {
    Upgrade.Answer answer = ask();
    assertThat(answer).isInstanceOf(Upgrade.Answer.Switch.class);
    assertThat(response(answer).status().code()).isEqualTo(101);
    HttpHeaders headers = response(answer).headers();
    assertThat(headers.get("Sec-WebSocket-Accept")).isEqualTo("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    assertThat(headers.get("Upgrade")).isEqualTo("websocket");
    assertThat(headers.get("Connection")).isEqualTo("upgrade");
    assertThat(headers.contains("Sec-WebSocket-Extensions")).isFalse();
    assertThat(headers.contains("Sec-WebSocket-Protocol")).isFalse();
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    "Upgrade, WebSocket",
    "Upgrade, 'foo, websocket'",
    "Connection, 'keep-alive, Upgrade'",
    "Connection, UPGRADE",
    "Sec-WebSocket-Key, AQIDBAUGBwgJCgsMDQ4PEA==",
  })
  void theseAreAskedRightToo(String header, String value) {
    request.headers().set(header, value);
    assertThat(response(ask()).status().code()).isEqualTo(101);
  }

  @ParameterizedTest(name = "{0}: {1} gets a {2}")
  @CsvSource({
    "Upgrade, h2c, 426",
    "Upgrade, '', 426",
    "Connection, keep-alive, 426",
    "Sec-WebSocket-Version, 12, 426",
    "Sec-WebSocket-Version, '', 426",
    "Sec-WebSocket-Key, '', 400",
    "Sec-WebSocket-Key, not base64 at all!!!!!!, 400",
    "Sec-WebSocket-Key, AQIDBAUGBwgJCgsMDQ4P, 400",
    "Sec-WebSocket-Key, AQIDBAUGBwgJCgsMDQ4PEBE=, 400",
    "Sec-WebSocket-Key, AQIDBAUGBwgJCgsMDQ4PEA, 400", // not padded
    "Sec-WebSocket-Key, AQIDBAUGBwgJCgsMDQ4PEB==, 400", // more than 128 bits
  })
  void theseAreNot(String header, String value, int status) {
    request.headers().set(header, value);
    Upgrade.Answer answer = ask();
    assertThat(answer).isInstanceOf(Upgrade.Answer.Refuse.class);
    assertThat(response(answer).status().code()).isEqualTo(status);
    assertThat(response(answer).headers().get("Sec-WebSocket-Version")).isEqualTo("13");
    assertThat("websocket".equals(response(answer).headers().get("Upgrade")))
        .isEqualTo(status == 426);
  }

  @Test
  void thereIsOneKey() {
    request.headers().add("Sec-WebSocket-Key", "AQIDBAUGBwgJCgsMDQ4PEA==");
    assertThat(response(ask()).status().code()).isEqualTo(400);
  }

  @Test
  void onlyGetAsks() {
    request.setMethod(HttpMethod.POST);
    assertThat(response(ask()).status().code()).isEqualTo(405);
    assertThat(response(ask()).headers().get("Allow")).isEqualTo("GET");
  }

  @Test
  void http10KnowsNoUpgrade() {
    request.setProtocolVersion(HttpVersion.HTTP_1_0);
    assertThat(response(ask()).status().code()).isEqualTo(426);
  }

  @ParameterizedTest
  @CsvSource(
      value = {
        "permessage-deflate |",
        "permessage-deflate; client_max_window_bits |",
        "permessage-deflate; client_max_window_bits=10 |",
        "permessage-deflate; client_max_window_bits=\"10\" |",
        "permessage-deflate; server_no_context_takeover; client_no_context_takeover |",
        "foo, permessage-deflate |",
        "permessage-deflate; server_max_window_bits=10, permessage-deflate |",
        "permessage-deflate;server_max_window_bits=15 | ; server_max_window_bits=15",
      },
      delimiter = '|',
      quoteCharacter = '`')
  void packingIsAgreedToInTheFormThatCanMove(String offer, @Nullable String more) {
    request.headers().set("Sec-WebSocket-Extensions", offer);
    assertThat(response(ask()).headers().get("Sec-WebSocket-Extensions"))
        .isEqualTo(AGREED + (more == null ? "" : more));
  }

  @ParameterizedTest
  @CsvSource(
      value = {
        "foo",
        "permessage-deflate; server_max_window_bits=10",
        "permessage-deflate; server_max_window_bits",
        "permessage-deflate; client_max_window_bits=16",
        "permessage-deflate; client_max_window_bits=7",
        "permessage-deflate; client_no_context_takeover=1",
        "permessage-deflate; client_no_context_takeover; client_no_context_takeover",
        "permessage-deflate; unheard_of",
        "permessage-deflate;",
      },
      delimiter = '|')
  void packingIsDeclined(String offer) {
    request.headers().set("Sec-WebSocket-Extensions", offer);
    assertThat(response(ask()).status().code()).isEqualTo(101);
    assertThat(response(ask()).headers().contains("Sec-WebSocket-Extensions")).isFalse();
  }

  @Test
  void packingCanBeSwitchedOff() {
    request.headers().set("Sec-WebSocket-Extensions", "permessage-deflate");
    Upgrade.Answer answer = ask(new CodecSettings.WebSocket(1000, false), () -> new Named("plain"));
    assertThat(response(answer).headers().contains("Sec-WebSocket-Extensions")).isFalse();
  }

  @Test
  void theServicesFavouriteOfTheSubprotocolsOfferedIsSpoken() {
    request
        .headers()
        .set("Sec-WebSocket-Protocol", "other, chat1")
        .add("Sec-WebSocket-Protocol", "chat2");
    Upgrade.Answer answer = ask(BOUNDS, new Chats());
    assertThat(response(answer).headers().get("Sec-WebSocket-Protocol")).isEqualTo("chat2");
    assertThat(service(answer)).isEqualTo(new Named("chat2"));
  }

  @Test
  void withoutACommonSubprotocolNoneIsSpoken() {
    request.headers().set("Sec-WebSocket-Protocol", "other");
    Upgrade.Answer answer = ask(BOUNDS, new Chats());
    assertThat(response(answer).headers().contains("Sec-WebSocket-Protocol")).isFalse();
    assertThat(service(answer)).isEqualTo(new Named("none"));
  }

  @Test
  void theServiceMayRefuseAnOrigin() {
    origins = List.of("*");
    request.headers().set("Origin", "https://here");
    assertThat(response(ask(BOUNDS, new Chats())).status().code()).isEqualTo(101);
    request.headers().set("Origin", "https://elsewhere");
    assertThat(response(ask(BOUNDS, new Chats())).status().code()).isEqualTo(403);
    assertThat(denied.count()).isZero(); // it was not the configuration that refused it
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    "https://server.example.com, 101",
    "http://server.example.com, 101",
    "https://SERVER.example.com, 101",
    "https://elsewhere.example.com, 403",
    "https://server.example.com:8443, 403",
    "https://server.example.com.evil.org, 403",
    "null, 403",
    "'', 403",
    "server.example.com, 403",
  })
  void onlyAPageOfTheHostItselfMayCome(String origin, int status) {
    request.headers().set("Origin", origin);
    assertThat(response(ask()).status().code()).isEqualTo(status);
    assertThat(denied.count()).isEqualTo(status == 403 ? 1 : 0);
  }

  @Test
  void whoSaysNoOriginIsNoBrowserAndMayCome() {
    assertThat(request.headers().contains("Origin")).isFalse();
    assertThat(response(ask()).status().code()).isEqualTo(101);
  }

  @Test
  void whoSaysTwoOriginsMayNotCome() {
    request.headers().set("Origin", "https://server.example.com");
    request.headers().add("Origin", "https://server.example.com");
    assertThat(response(ask()).status().code()).isEqualTo(403);
  }

  @Test
  void anAbsoluteTargetIsTheHost() {
    request.setUri("http://other.example.com:8080/chat");
    request.headers().set("Origin", "http://server.example.com");
    assertThat(response(ask()).status().code()).isEqualTo(403);
    request.headers().set("Origin", "http://other.example.com:8080");
    assertThat(response(ask()).status().code()).isEqualTo(101);
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    "https://a.example.com, 101",
    "https://a.example.com:443, 101",
    "http://localhost:3000, 101",
    "http://a.example.com, 403",
    "https://server.example.com, 403", // its own would have to be listed, too
  })
  void thePagesThatMayComeCanBeListed(String origin, int status) {
    origins = List.of("https://a.example.com", "http://localhost:3000");
    request.headers().set("Origin", origin);
    assertThat(response(ask()).status().code()).isEqualTo(status);
  }

  @Test
  void allPagesMayComeWhereThatIsConfigured() {
    origins = List.of("*");
    request.headers().set("Origin", "https://evil.org");
    assertThat(response(ask()).status().code()).isEqualTo(101);
    request.headers().set("Origin", "null");
    assertThat(response(ask()).status().code()).isEqualTo(101);
  }

  @Test
  void fromTheRequestOnTheConnectionMovesAnywhere() {
    Recorder recorder = new Recorder(Echo.service());
    WebSocketUpgrade upgrade =
        new WebSocketUpgrade(
            "chat", BOUNDS, origins, denied, false, () -> recorder.service(WebSocketFrame.class));
    InstantSource clock = InstantSource.fixed(Instant.parse("2026-03-04T05:06:07Z"));
    CutAnywhere cut =
        new CutAnywhere(
            new HttpCodec(
                SettingsFixture.http(
                    "max-request-line = 100, max-header = 1000, max-content = 100"),
                clock,
                Map.of("/chat", upgrade)),
            recorder,
            upgrade.protocols());
    StringBuilder head = new StringBuilder("GET /chat HTTP/1.1\r\n");
    request()
        .headers()
        .forEach(header ->
            head.append(header.getKey()).append(": ").append(header.getValue()).append("\r\n"));
    head.append("Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n");
    byte[] talk =
        Frames.of(
            Frames.raw(head.toString()),
            Frames.text("hi"),
            Frames.frame(FIN | Frames.RSV1 | 1, Frames.packed("packed".getBytes(ISO_8859_1))));

    assertThat(cut.everyCut(talk)).isEmpty();
    cut.randomly(talk, 100);
    assertThat(cut.uncut(talk).messages()).containsExactly("text hi", "text packed");
    assertThat(cut.uncut(talk).output())
        .startsWith("HTTP/1.1 101 Switching Protocols\r\n")
        .endsWith("\r\n\r\n\u0081\2hi\u0081\6packed");
  }
}
