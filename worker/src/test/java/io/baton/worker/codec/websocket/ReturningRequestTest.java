package io.baton.worker.codec.websocket;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.baton.codec.Codec;
import io.baton.codec.CodecContext;
import io.baton.codec.Flow;
import io.baton.codec.Meeting;
import io.baton.codec.Saved;
import io.baton.codec.Window;
import io.baton.config.CodecSettings;
import io.baton.config.SettingsFixture;
import io.baton.service.CloseReason;
import io.baton.service.Peer;
import io.baton.service.SessionKey;
import io.baton.worker.NoLeaks;
import io.baton.worker.codec.http.RoutedHttpCodec;
import io.baton.worker.codec.websocket.WebSocketCodec.Spoken;
import io.baton.worker.spool.Spool;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The request of a client that wants to go on with its WebSocket's session, and what it meets. */
@ExtendWith(NoLeaks.class)
final class ReturningRequestTest {
  private static final SessionKey KEY = new SessionKey(1, 2);
  private static final ResumeTokens TOKENS = ResumeTokens.first();
  private static final String TICKET = ResumeOffer.ticket(KEY, TOKENS.current());
  private static final String PAGE = "Origin: http://here\r\n";

  private final List<String> met = new ArrayList<>();
  private final Codec<?, ?> codec = codec();
  private Meeting meeting = new Meeting.Nowhere();
  private Saved replaced = Saved.unread("none", 0, ByteBuffer.allocate(0));
  private OptionalLong last = OptionalLong.empty();
  private @Nullable CloseReason ended;
  private EmbeddedChannel channel = connect();

  /** What the runtime would be. */
  private final class Context implements CodecContext {
    private final ChannelPipeline pipeline;
    private final Optional<Saved> saved;
    private final Window window =
        new SwitchedWindow() {
          @Override
          public void end(CloseReason why) {
            ended = why;
          }
        };

    Context(ChannelPipeline pipeline, Optional<Saved> saved) {
      this.pipeline = pipeline;
      this.saved = saved;
    }

    @Override
    public ChannelPipeline pipeline() {
      return pipeline;
    }

    @Override
    public Peer peer() {
      return new Peer.Tcp(InetAddress.getLoopbackAddress(), 1);
    }

    @Override
    public Window window() {
      return window;
    }

    @Override
    public Optional<Saved> saved() {
      return saved;
    }

    @Override
    public Duration awaitsReturn() {
      return Duration.ofSeconds(30);
    }

    @Override
    public Meeting meet(SessionKey key, ByteBuf read) {
      assertThat(key).isEqualTo(KEY);
      met.add(read.toString(ISO_8859_1));
      return meeting;
    }

    @Override
    public void replace(Saved saved, OptionalLong seen) {
      replaced = saved;
      last = seen;
    }
  }

  private static Codec<?, ?> codec() {
    WebSocketUpgrade chat =
        new WebSocketUpgrade(
            "/chat",
            new CodecSettings.WebSocket(1000, true),
            List.of("*"),
            new DeniedOrigins(() -> 0),
            true,
            () -> new FarewellService(CloseCode.FORBIDDEN));
    return new RoutedHttpCodec(
            SettingsFixture.http("max-header = 16k"),
            InstantSource.system(),
            Spool.NONE,
            List.of(),
            Map.of("/chat", chat))
        .seeking();
  }

  private EmbeddedChannel connect() {
    EmbeddedChannel fresh = new EmbeddedChannel();
    var _ = codec.install(new Context(fresh.pipeline(), Optional.empty()));
    return fresh;
  }

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  private static String request(String offer, String more) {
    return "GET /chat HTTP/1.1\r\nHost: here\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        + more
        + "Sec-WebSocket-Protocol: baton.resume, baton.resume."
        + offer
        + "\r\n\r\n";
  }

  private void sends(String text) {
    channel.writeInbound(Unpooled.copiedBuffer(text, ISO_8859_1));
  }

  private String answer() {
    StringBuilder all = new StringBuilder();
    for (ByteBuf each = channel.readOutbound(); each != null; each = channel.readOutbound()) {
      all.append(each.toString(ISO_8859_1));
      each.release();
    }
    return all.toString();
  }

  /** A session that waits here. */
  private Flow session(String route, String subprotocol) {
    EmbeddedChannel nowhere = new EmbeddedChannel();
    Saved saved = new WebSocketCodec.State(false, TOKENS).saved(ByteBuffer.allocate(0));
    return new WebSocketCodec(1000, false, new Spoken(route, subprotocol), false)
        .install(new Context(nowhere.pipeline(), Optional.of(saved)));
  }

  @Test
  void everythingThatTheClientHasSentGoesAlongHoweverItComes() {
    String whole = request(TICKET, "") + "more";
    for (int cut = 0; cut <= whole.length(); cut++) {
      met.clear();
      channel = connect();
      sends(whole.substring(0, cut));
      sends(whole.substring(cut));
      int end = Math.max(cut, whole.length() - "more".length());
      // What comes with the last byte of the head, or before, goes along.
      assertThat(met).containsExactly(cut <= end - 1 ? whole : whole.substring(0, end));
      close();
    }
  }

  @Test
  void aConnectionThatIsGivenAwayHearsNothing() {
    meeting = new Meeting.Elsewhere();
    sends(request(TICKET, "") + "more");
    assertThat(met).hasSize(1);
    assertThat(answer()).isEmpty();
    assertThat(ended).isNull();
  }

  @Test
  void aSessionThatIsHereGoesOnBehindAWelcome() {
    meeting = new Meeting.Here(session("/chat", ""));
    sends(request(TICKET + ".17", "") + "more");
    String[] parts = answer().split("\r\n\r\n", 2);
    assertThat(parts[0])
        .startsWith("HTTP/1.1 101 ")
        .endsWithIgnoringCase("sec-websocket-protocol: baton.resume");
    ResumeTokens next = requireNonNull(WebSocketCodec.State.of(replaced).tokens());
    assertThat(next.current()).isNotEqualTo(TOKENS.current());
    assertThat(next.contains(TOKENS.current())).isTrue();
    assertThat(parts[1])
        .endsWith(
            "{\"baton.resume\":\"%s\",\"resumed\":true,\"awaits\":30}"
                .formatted(ResumeOffer.ticket(KEY, next.current())));
    assertThat(ISO_8859_1.decode(replaced.unread()).toString()).isEqualTo("more");
    assertThat(last).isEqualTo(OptionalLong.of(17));
  }

  @Test
  void compressionIsNegotiatedAnew() {
    meeting = new Meeting.Here(session("/chat", ""));
    sends(request(TICKET, "Sec-WebSocket-Extensions: permessage-deflate\r\n"));
    assertThat(answer()).contains("permessage-deflate");
    assertThat(WebSocketCodec.State.of(replaced).packs()).isTrue();
    assertThat(last).isEmpty();
  }

  @Test
  void aSessionGoesOnWithTheSubprotocolThatItHas() {
    meeting = new Meeting.Here(session("/chat", "v1"));
    sends(request(TICKET, "Sec-WebSocket-Protocol: v2, v1\r\n"));
    assertThat(answer()).containsIgnoringCase("sec-websocket-protocol: v1\r\n");
  }

  @Test
  void aSessionOfAnotherRouteOrSubprotocolIsNotThisClients() {
    for (Flow other : List.of(session("/other", ""), session("/chat", "v1"))) {
      channel = connect();
      meeting = new Meeting.Here(other);
      sends(request(TICKET, ""));
      assertThat(answer()).startsWith("HTTP/1.1 404 ");
      close();
    }
  }

  @Test
  void aWrongTokenIsAnsweredAsNoSession() {
    meeting = new Meeting.Here(session("/chat", ""));
    sends(request(ResumeOffer.ticket(KEY, ResumeToken.random()), ""));
    assertThat(answer()).startsWith("HTTP/1.1 404 ");
    assertThat(replaced.codec()).isEqualTo("none");
  }

  @Test
  void whatIsNoTicketIsNotLookedFor() {
    sends(request("nonsense", ""));
    assertThat(answer()).startsWith("HTTP/1.1 404 ");
    assertThat(met).isEmpty();
  }

  @Test
  void whoCannotBeToldNowIsToTryAgain() {
    meeting = new Meeting.Later();
    sends(request(TICKET, ""));
    assertThat(answer()).startsWith("HTTP/1.1 503 ").containsIgnoringCase("retry-after: 1\r\n");
  }

  @Test
  void aPageIsToldBehindTheHandshake() {
    meeting = new Meeting.Later();
    sends(request(TICKET, PAGE));
    assertThat(answer()).startsWith("HTTP/1.1 101 ");
  }

  @Test
  void aClientMayNameItsSessionInTheQuery() {
    meeting = new Meeting.Here(session("/chat", ""));
    String bare = request(TICKET, "").replaceAll("Sec-WebSocket-Protocol: .*\r\n", "");
    sends(bare.replace("/chat", "/chat?a=b&baton.resume=" + TICKET + ".4"));
    assertThat(answer())
        .startsWith("HTTP/1.1 101 ")
        .contains("\"resumed\":true")
        .doesNotContainIgnoringCase("sec-websocket-protocol");
    assertThat(last).isEqualTo(OptionalLong.of(4));
  }

  @Test
  void whatTheQueryNamesIsMasked() {
    HttpRequest request =
        new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/chat?baton.resume=k.t&c");
    assertThat(ResumeQuery.take(request)).isEqualTo("k.t");
    assertThat(request.uri()).isEqualTo("/chat?baton.resume=***&c");
    request.setUri("/chat?baton.resume");
    assertThat(ResumeQuery.take(request)).isEmpty();
    request.setUri("/chat?baton.resumed=1");
    assertThat(ResumeQuery.take(request)).isNull();
  }

  @Test
  void onlyTheFirstRequestOfAConnectionCanLookForASession() {
    meeting = new Meeting.Later();
    sends(request(TICKET, ""));
    assertThat(answer()).startsWith("HTTP/1.1 503 ");
    sends(request(TICKET, ""));
    assertThat(answer()).startsWith("HTTP/1.1 503 ");
    assertThat(met).hasSize(1);
  }

  @Test
  void aRequestWithABodyCannot() {
    sends(request(TICKET, "Content-Length: 2\r\n") + "ab");
    assertThat(answer()).startsWith("HTTP/1.1 503 ");
    assertThat(met).isEmpty();
  }

  @Test
  void aLongRequestCannot() {
    sends(request(TICKET, "Cookie: " + "x".repeat(4 * 1024) + "\r\n"));
    assertThat(answer()).startsWith("HTTP/1.1 404 ");
    assertThat(met).isEmpty();
  }

  @Test
  void anOrdinaryRequestLooksForNothing() {
    sends(request(TICKET, "").replace(", baton.resume." + TICKET, ""));
    assertThat(answer())
        .startsWith("HTTP/1.1 101 ")
        .containsIgnoringCase("sec-websocket-protocol: baton.resume\r\n");
    assertThat(met).isEmpty();
  }
}
