package io.baton.worker.codec.websocket;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.baton.codec.ClientIdentity;
import io.baton.codec.CodecContext;
import io.baton.codec.Flow;
import io.baton.codec.Meeting;
import io.baton.codec.Saved;
import io.baton.codec.Window;
import io.baton.config.CodecSettings;
import io.baton.config.SettingsFixture;
import io.baton.service.Authentication;
import io.baton.service.AuthenticationRequest;
import io.baton.service.Peer;
import io.baton.service.Principal;
import io.baton.service.RequestHead;
import io.baton.service.SessionKey;
import io.baton.worker.NoLeaks;
import io.baton.worker.codec.http.Guards;
import io.baton.worker.codec.http.RoutedHttpCodec;
import io.baton.worker.codec.websocket.WebSocketCodec.Spoken;
import io.baton.worker.identity.AuthenticationCounters;
import io.baton.worker.identity.AuthenticationLane;
import io.baton.worker.identity.Guard;
import io.baton.worker.spool.Spool;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.embedded.EmbeddedChannel;
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

/** Clients that want to go on with a session, before an authenticator. */
@ExtendWith(NoLeaks.class)
final class AuthenticatedReturnTest {
  private static final SessionKey KEY = new SessionKey(1, 2);
  private static final ResumeTokens TOKENS = ResumeTokens.first();

  private final List<Runnable> asked = new ArrayList<>();
  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final EmbeddedChannel nowhere = new EmbeddedChannel();
  private Authentication decision = new Authentication.Accepted(new Principal("alice", Map.of()));
  private String owner = "alice";
  private final List<String> meetings = new ArrayList<>();
  private boolean replaced;
  private Meeting meeting = new Meeting.Nowhere();

  private final class Identity implements ClientIdentity {
    private @Nullable Principal principal;

    @Override
    public AuthenticationRequest.Connection connection() {
      Peer peer = new Peer.Tcp(InetAddress.getLoopbackAddress(), 1);
      return new AuthenticationRequest.Connection("web", peer, Optional.empty(), List.of());
    }

    @Override
    public Optional<Principal> principal() {
      return Optional.ofNullable(principal);
    }

    @Override
    public void principal(Optional<Principal> its) {
      principal = its.orElse(null);
    }

    @Override
    public boolean opens(RequestHead handshake) {
      return true;
    }

    @Override
    public boolean isOfMetSession() {
      return principal().map(Principal::name).equals(Optional.of(owner));
    }
  }

  private record Context(
      ChannelPipeline pipeline,
      Peer peer,
      Window window,
      Optional<Saved> saved,
      ClientIdentity identity,
      AuthenticatedReturnTest test)
      implements CodecContext {
    @Override
    public Duration awaitsReturn() {
      return Duration.ofSeconds(30);
    }

    @Override
    public Meeting meet(SessionKey key, ByteBuf read) {
      test.meetings.add(read.toString(ISO_8859_1));
      return test.meeting;
    }

    @Override
    public void replace(Saved saved, OptionalLong seen) {
      test.replaced = true;
    }
  }

  private Context context(EmbeddedChannel of, Optional<Saved> saved) {
    Window window = new SwitchedWindow();
    Identity identity = new Identity();
    return new Context(of.pipeline(), identity.connection().peer(), window, saved, identity, this);
  }

  private void connect(String more) {
    WebSocketUpgrade chat =
        new WebSocketUpgrade(
            "/chat",
            new CodecSettings.WebSocket(1000, true),
            List.of("*"),
            new DeniedOrigins(() -> 0),
            false,
            () -> new FarewellService(CloseCode.FORBIDDEN));
    AuthenticationCounters counters = new AuthenticationCounters();
    AuthenticationLane lane =
        new AuthenticationLane(
            "test",
            _ -> decision,
            task -> {
              asked.add(task);
              return Thread.ofVirtual().unstarted(task);
            },
            counters,
            () -> 0);
    var _ =
        new RoutedHttpCodec(
                SettingsFixture.http(""),
                InstantSource.system(),
                Spool.NONE,
                List.of(),
                Map.of("/chat", chat))
            .with(new Guards(Map.of(), new Guard(lane, 2_000), counters))
            .seeking()
            .install(context(channel, Optional.empty()));
    String ticket = ResumeOffer.ticket(KEY, TOKENS.current());
    channel.writeInbound(
        Unpooled.copiedBuffer(
            "GET /chat HTTP/1.1\r\nHost: here\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
                + more
                + "Sec-WebSocket-Protocol: baton.resume, baton.resume."
                + ticket
                + "\r\n\r\n",
            ISO_8859_1));
  }

  private void here() {
    Saved saved = new WebSocketCodec.State(false, TOKENS).saved(ByteBuffer.allocate(0));
    Flow flow =
        new WebSocketCodec(1000, false, new Spoken("/chat", ""), false)
            .install(context(nowhere, Optional.of(saved)));
    meeting = new Meeting.Here(flow);
  }

  private void decide() {
    assertThat(asked).hasSize(1);
    asked.removeFirst().run();
    channel.runPendingTasks();
  }

  private String answer() {
    StringBuilder all = new StringBuilder();
    for (@Nullable ByteBuf each = channel.readOutbound();
        each != null;
        each = channel.readOutbound()) {
      all.append(each.toString(ISO_8859_1));
      each.release();
    }
    return all.toString();
  }

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
    nowhere.finishAndReleaseAll();
  }

  @Test
  void aConnectionThatLeavesIsDecidedOnWhereItArrives() {
    meeting = new Meeting.Elsewhere();
    connect("");
    assertThat(asked).isEmpty();
    assertThat(answer()).isEmpty();
  }

  @Test
  void theOneWhoseSessionItIsGoesOnOnceItIsAccepted() {
    here();
    connect("");
    assertThat(answer()).isEmpty();
    decide();
    assertThat(answer()).startsWith("HTTP/1.1 101 ").contains("\"resumed\":true");
    assertThat(replaced).isTrue();
    assertThat(meetings).hasSize(2).last().isEqualTo(meetings.getFirst());
  }

  @Test
  void anotherPrincipalMayNot() {
    here();
    owner = "bob";
    connect("");
    decide();
    assertThat(answer()).startsWith("HTTP/1.1 403 ");
    assertThat(replaced).isFalse();
  }

  @Test
  void aSessionThatHasLeftMeanwhileIsLookedForLater() {
    here();
    connect("");
    meeting = new Meeting.Later();
    decide();
    assertThat(answer()).startsWith("HTTP/1.1 503 ");
  }

  @Test
  void whatCameMeanwhileGoesAlong() {
    here();
    connect("");
    channel.writeInbound(Unpooled.copiedBuffer("more", ISO_8859_1));
    meeting = new Meeting.Elsewhere();
    decide();
    assertThat(meetings.getLast()).isEqualTo(meetings.getFirst() + "more");
  }

  @Test
  void whoIsNobodyIsToldSo() {
    here();
    decision = new Authentication.Unauthenticated("Basic realm=\"r\"");
    connect("");
    decide();
    assertThat(answer()).startsWith("HTTP/1.1 401 ").contains("Basic realm");
    assertThat(replaced).isFalse();
  }

  @Test
  void aPageIsToldSoBehindTheHandshake() {
    here();
    decision = new Authentication.Unauthenticated("Basic realm=\"r\"");
    connect("Origin: http://here\r\n");
    decide();
    assertThat(answer()).startsWith("HTTP/1.1 101 ");
    assertThat(replaced).isFalse();
  }
}
