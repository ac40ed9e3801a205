package io.baton.worker.codec.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.codec.Protocol;
import io.baton.config.CodecSettings;
import io.baton.config.Settings;
import io.baton.config.SettingsFixture;
import io.baton.pipe.Load.Authentications;
import io.baton.service.Authentication;
import io.baton.service.AuthenticationRequest;
import io.baton.service.Authenticator;
import io.baton.service.CloseReason;
import io.baton.service.Peer;
import io.baton.service.Principal;
import io.baton.service.RequestHead;
import io.baton.service.Session;
import io.baton.worker.NoLeaks;
import io.baton.worker.codec.raw.RawCodec;
import io.baton.worker.identity.AuthenticationCounters;
import io.baton.worker.identity.AuthenticationLane;
import io.baton.worker.identity.Guard;
import io.baton.worker.session.Probe;
import io.baton.worker.session.Route;
import io.baton.worker.session.SessionHarness;
import io.baton.worker.session.TestRoutes;
import io.baton.worker.spool.Spool;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What authenticators make of requests, in a real session; their threads run when the test says.
 */
@ExtendWith(NoLeaks.class)
final class AuthenticatedRequestsTest {
  private static final String GET = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
  private static final String POST = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\n";
  private static final String EXPECTING =
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n";
  private static final Authentication ALICE =
      new Authentication.Accepted(new Principal("alice", Map.of("role", "admin")));
  private static final AuthenticationRequest OTHERS =
      new AuthenticationRequest.Credential(
          new AuthenticationRequest.Connection(
              "test", new Peer.Unix(1, 2), Optional.empty(), List.of()),
          "s",
          ByteBuffer.allocate(0));
  private static final CodecSettings.Http BOUNDS =
      SettingsFixture.http("max-request-line = 16k, max-header = 16k, max-content = 32");

  /** Threads that were begun, in their order, and have not run. */
  private final List<Runnable> threads = new ArrayList<>();

  private final List<Thread> begun = new ArrayList<>();
  private final List<AuthenticationRequest> asked = new ArrayList<>();
  private final AuthenticationCounters counters = new AuthenticationCounters();
  private final Probe<HttpObject, HttpObject> probe = new Probe<>();
  private final Probe<ByteBuf, ByteBuf> raw = new Probe<>();
  private final List<String> principals = new ArrayList<>();
  private Callable<@Nullable Authentication> decision = () -> ALICE;
  private @Nullable SessionHarness<HttpObject, HttpObject> harness;

  private final Authenticator authenticator =
      request -> {
        asked.add(request);
        return decision.call();
      };

  private final AuthenticationLane lane =
      new AuthenticationLane(
          "test",
          authenticator,
          task -> {
            Thread never = Thread.ofVirtual().unstarted(task);
            begun.add(never);
            threads.add(task);
            return never;
          },
          counters,
          () -> 0);

  private SessionHarness<HttpObject, HttpObject> open(String listener, Settings.Body body) {
    probe.onReceived =
        (session, message) -> {
          if (message instanceof HttpRequest) {
            principals.add(session.principal().map(Principal::name).orElse("nobody"));
          }
          if (message instanceof FullHttpRequest) {
            session.send(answer());
          }
        };
    Upgrade up =
        new Upgrade() {
          @Override
          public Answer ask(FullHttpRequest request) {
            return new Answer.Switch(
                new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1,
                    HttpResponseStatus.SWITCHING_PROTOCOLS,
                    Unpooled.EMPTY_BUFFER),
                upgraded());
          }

          @Override
          public Set<String> kept() {
            return Set.of("User-Agent");
          }
        };
    Guards guards =
        new Guards(
            Map.of("/open", new Guards.OfRoute("/open", Optional.empty())),
            new Guard(lane, 2_000),
            counters);
    RoutedHttpCodec codec =
        new RoutedHttpCodec(
                BOUNDS,
                InstantSource.fixed(Instant.EPOCH),
                Spool.NONE,
                List.of(
                    new Settings.HttpRoute("/*", "http", "s", body, 32),
                    new Settings.HttpRoute("/open", "http", "s", body, 32)),
                Map.of("/up", up))
            .with(guards);
    Route<HttpObject, HttpObject> route =
        new Route<>(
            "test",
            new Protocol<>("", codec, () -> probe),
            List.of(upgraded()),
            TestRoutes.options(listener));
    SessionHarness<HttpObject, HttpObject> made = new SessionHarness<>(route).open();
    harness = made;
    return made;
  }

  private Protocol<ByteBuf, ByteBuf> upgraded() {
    return new Protocol<>("/up", new RawCodec(), () -> raw);
  }

  private SessionHarness<HttpObject, HttpObject> open() {
    return open("", Settings.Body.WHOLE);
  }

  private static DefaultFullHttpResponse answer() {
    return new DefaultFullHttpResponse(
        HttpVersion.HTTP_1_1, HttpResponseStatus.OK, Unpooled.EMPTY_BUFFER);
  }

  /** The threads that were begun run to their ends, and what they lead to happens. */
  private void decide(SessionHarness<?, ?> session) {
    List<Runnable> those = List.copyOf(threads);
    threads.clear();
    those.forEach(Runnable::run);
    session.channel.runPendingTasks();
  }

  @AfterEach
  void disconnects() {
    if (harness != null) {
      harness.close();
    }
  }

  @Test
  void aRequestWaitsForTheDecisionAndItsServiceSeesThePrincipal() {
    SessionHarness<?, ?> session = open();
    session.client("GET /hi HTTP/1.1\r\nHost: h\r\nAuthorization: Basic x\r\n\r\n");
    assertThat(session.out()).isEmpty();
    assertThat(principals).isEmpty();
    assertThat(counters.counts().running()).isEqualTo(1);
    decide(session);
    assertThat(session.out()).startsWith("HTTP/1.1 200 OK\r\n");
    assertThat(principals).containsExactly("alice");
    assertThat(asked)
        .singleElement()
        .isInstanceOfSatisfying(
            AuthenticationRequest.Http.class,
            request -> {
              assertThat(request.connection().listener()).isEqualTo("test");
              assertThat(request.head().method()).isEqualTo("GET");
              assertThat(request.head().target()).isEqualTo("/hi");
              assertThat(request.head().field("authorization")).contains("Basic x");
            });
    assertThat(counters.counts()).isEqualTo(new Authentications(1, 1, 0, 0, 0, 0, 0, 0, 0));
  }

  @Test
  void eachOfPipelinedRequestsIsDecidedOnInItsTurn() {
    SessionHarness<?, ?> session = open();
    session.client(GET + "GET /second HTTP/1.1\r\nHost: h\r\n\r\n" + GET);
    decide(session);
    assertThat(asked).hasSize(1);
    assertThat(session.out()).containsOnlyOnce("200 OK");
    decision = () -> new Authentication.Forbidden();
    decide(session);
    assertThat(asked).hasSize(2);
    assertThat(session.out()).startsWith("HTTP/1.1 403 Forbidden\r\n");
    decision = () -> ALICE;
    decide(session);
    assertThat(session.out()).startsWith("HTTP/1.1 200 OK\r\n");
    assertThat(session.channel.isOpen()).isTrue();
  }

  @Test
  void aClientIsAskedForCredentialsOnAConnectionThatGoesOn() {
    SessionHarness<?, ?> session = open();
    decision = () -> new Authentication.Unauthenticated("Basic realm=\"r\"");
    session.client(GET);
    decide(session);
    assertThat(session.out())
        .startsWith("HTTP/1.1 401 Unauthorized\r\n")
        .contains("\r\nwww-authenticate: Basic realm=\"r\"\r\n");
    decision = () -> ALICE;
    session.client(GET);
    decide(session);
    assertThat(session.out()).startsWith("HTTP/1.1 200 OK\r\n");
    assertThat(counters.counts().unauthenticated()).isEqualTo(1);
  }

  @Test
  void aClientIsToldWhenItMayTryAgain() {
    SessionHarness<?, ?> session = open();
    decision = () -> new Authentication.Unavailable(Duration.ofMillis(2_001));
    session.client(GET);
    decide(session);
    assertThat(session.out())
        .startsWith("HTTP/1.1 503 Service Unavailable\r\n")
        .contains("\r\nretry-after: 3\r\n");
    assertThat(counters.counts().unavailable()).isEqualTo(1);
  }

  @Test
  void theBodyIsReadAndContinueSaidOnlyAfterTheDecision() {
    SessionHarness<?, ?> session = open();
    session.client(EXPECTING);
    assertThat(session.out()).isEmpty();
    decide(session);
    assertThat(session.out()).isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
    session.client("body");
    assertThat(session.out()).startsWith("HTTP/1.1 200 OK\r\n");
  }

  @Test
  void aBodyThatIsThereAlreadyWaitsAsBytes() {
    SessionHarness<?, ?> session = open();
    session.client(POST + "bo");
    session.client("dy" + GET);
    assertThat(session.isRead()).isFalse();
    decide(session);
    assertThat(session.out()).containsOnlyOnce("200 OK");
    decide(session);
    assertThat(session.out()).startsWith("HTTP/1.1 200 OK\r\n");
    assertThat(session.isRead()).isTrue();
  }

  @Test
  void aRefusedRequestWhoseBodyComesIsTheConnectionsLast() {
    SessionHarness<?, ?> session = open();
    decision = () -> new Authentication.Unauthenticated("Bearer");
    session.client(EXPECTING);
    decide(session);
    assertThat(session.out())
        .startsWith("HTTP/1.1 401 Unauthorized\r\n")
        .contains("\r\nconnection: close\r\n");
    assertThat(probe.events).doesNotContain("received");
  }

  @Test
  void aStreamBeginsAfterTheDecision() {
    SessionHarness<?, ?> session = open("", Settings.Body.STREAM);
    session.client(EXPECTING);
    assertThat(probe.events).doesNotContain("received");
    decide(session);
    assertThat(principals).containsExactly("alice");
    assertThat(session.out()).isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
    session.client("body");
    probe.session().send(answer());
    assertThat(session.out()).startsWith("HTTP/1.1 200 OK\r\n");
  }

  @Test
  void aStreamWithoutABodyIsAnsweredToo() {
    SessionHarness<?, ?> session = open("", Settings.Body.STREAM);
    session.client(GET);
    decide(session);
    probe.session().send(answer());
    assertThat(session.out()).startsWith("HTTP/1.1 200 OK\r\n");
    session.client(GET);
    decide(session);
    assertThat(principals).hasSize(2);
    probe.session().send(answer());
  }

  @Test
  void whatAnAuthenticatorThrowsIsAnErrorOfTheSession() {
    SessionHarness<?, ?> session = open();
    decision =
        () -> {
          throw new IOException("its own connection broke");
        };
    session.client(GET);
    decide(session);
    assertThat(session.out()).startsWith("HTTP/1.1 500 Internal Server Error\r\n");
    assertThat(session.counters().errors()).isEqualTo(1);
    assertThat(counters.counts().failed()).isEqualTo(1);
  }

  @Test
  void anAuthenticatorThatReturnsNothingHasFailed() {
    SessionHarness<?, ?> session = open();
    decision = () -> null;
    session.client(POST);
    decide(session);
    assertThat(session.out()).startsWith("HTTP/1.1 500 Internal Server Error\r\n");
    assertThat(counters.counts().failed()).isEqualTo(1);
  }

  @Test
  void aDecisionThatTakesTooLongIs503AndItsThreadIsInterrupted() {
    SessionHarness<?, ?> session = open();
    session.client(GET);
    session.pass(Duration.ofMillis(1_999));
    assertThat(session.out()).isEmpty();
    session.pass(Duration.ofMillis(1));
    assertThat(session.out())
        .startsWith("HTTP/1.1 503 Service Unavailable\r\n")
        .contains("\r\nretry-after: 1\r\n");
    assertThat(begun).singleElement().matches(Thread::isInterrupted);
    decide(session); // too late
    assertThat(session.out()).isEmpty();
    session.client(GET);
    decide(session);
    assertThat(session.out()).startsWith("HTTP/1.1 200 OK\r\n");
    assertThat(counters.counts()).isEqualTo(new Authentications(2, 1, 0, 0, 0, 0, 0, 1, 0));
  }

  @Test
  void aClientThatFindsTooManyWaitingMayTryAgainOnItsConnection() {
    SessionHarness<?, ?> session = open();
    for (int i = 0; i < Authenticator.MAX_RUNNING + Authenticator.MAX_WAITING; i++) {
      var _ = lane.submit(OTHERS, 2_000, session.channel.eventLoop(), _ -> {});
    }
    session.client(GET);
    assertThat(session.out())
        .startsWith("HTTP/1.1 503 Service Unavailable\r\n")
        .contains("\r\nretry-after: 1\r\n");
    assertThat(session.channel.isOpen()).isTrue();
    assertThat(counters.counts().unavailable()).isEqualTo(1);
  }

  @Test
  void noTimeoutOfTheConnectionRunsMeanwhile() {
    SessionHarness<?, ?> session =
        open(
            "read-timeout = 100ms, idle-timeout = 100ms, response-timeout = 100ms",
            Settings.Body.WHOLE);
    session.client(POST);
    session.pass(Duration.ofMillis(1_900));
    assertThat(session.channel.isOpen()).isTrue();
    decide(session);
    session.client("body");
    assertThat(session.out()).startsWith("HTTP/1.1 200 OK\r\n");
    session.client(UP);
    session.pass(Duration.ofMillis(1_900));
    assertThat(session.out()).isEmpty();
    decide(session);
    assertThat(session.out()).startsWith("HTTP/1.1 101 ");
  }

  @Test
  void aClientThatLeavesIsDecidedOnNoMore() {
    SessionHarness<?, ?> session = open();
    session.client(POST);
    session.breaks();
    assertThat(begun).singleElement().matches(Thread::isInterrupted);
    assertThat(counters.counts()).isEqualTo(new Authentications(1, 0, 0, 0, 0, 0, 0, 0, 1));
    decide(session);
    assertThat(probe.events).doesNotContain("received");
  }

  @Test
  void aClientThatHasEndedItsSideIsAnswered() {
    SessionHarness<?, ?> session = open();
    session.client(GET);
    session.clientEnds();
    assertThat(session.channel.isOpen()).isTrue();
    decide(session);
    assertThat(session.out()).startsWith("HTTP/1.1 200 OK\r\n");
    assertThat(probe.events).last().isEqualTo("closed CLIENT");
  }

  @Test
  void aClientThatEndsBeforeItsBodyIsClosedWithTheDecision() {
    SessionHarness<?, ?> session = open();
    session.client(POST + "b");
    session.clientEnds();
    decide(session);
    assertThat(session.channel.isOpen()).isFalse();
    assertThat(session.out()).isEmpty();
  }

  @Test
  void aSessionMovesOnlyWhenItIsDecidedAndAnswered() {
    SessionHarness<HttpObject, HttpObject> session = open();
    session.client(GET);
    assertThat(session.move()).isFalse();
    decide(session);
    assertThat(session.move()).isTrue();
    session.client(GET);
    decide(session);
    assertThat(session.out()).containsSubsequence("200 OK", "200 OK");
    assertThat(asked).hasSize(2);
  }

  @Test
  void aRouteWithoutAnAuthenticatorIsForEverybodyEvenBehindAnother() {
    SessionHarness<?, ?> session = open();
    session.client(GET);
    decide(session);
    session.client("GET /open HTTP/1.1\r\nHost: h\r\n\r\n");
    assertThat(principals).containsExactly("alice", "nobody");
    assertThat(asked).hasSize(1);
  }

  @Test
  void aDrainWaitsForTheDecision() {
    SessionHarness<?, ?> session = open();
    session.client(GET);
    session.drain();
    assertThat(session.channel.isOpen()).isTrue();
    decide(session);
    assertThat(session.out()).startsWith("HTTP/1.1 200 OK\r\n").contains("connection: close");
  }

  // ---- another protocol ----

  private static final String UP =
      "GET /up?room=1 HTTP/1.1\r\nHost: h\r\nUser-Agent: me\r\nCookie: secret\r\n\r\n";

  private static final RequestHead KEPT =
      new RequestHead("GET", "/up?room=1", List.of(new RequestHead.Field("User-Agent", "me")));

  private static List<Object> seen(Session<?> session) {
    return List.of(session.principal().orElseThrow(), session.handshake().orElseThrow());
  }

  @Test
  void anUpgradedSessionKeepsPrincipalAndHandshakeAndTakesThemAlong() {
    SessionHarness<HttpObject, HttpObject> session = open();
    List<List<Object>> seen = new ArrayList<>();
    raw.onReceived = (its, bytes) -> seen.add(seen(its));
    session.client(UP + "abc");
    assertThat(session.out()).isEmpty();
    decide(session);
    assertThat(session.out()).startsWith("HTTP/1.1 101 Switching Protocols\r\n");
    assertThat(session.move()).isTrue();
    session.client("def");
    List<Object> alice = List.of(new Principal("alice", Map.of("role", "admin")), KEPT);
    assertThat(seen).containsExactly(alice, alice);
  }

  @Test
  void aHandshakeThatIsRefusedStaysHttp() {
    SessionHarness<?, ?> session = open();
    decision = () -> new Authentication.Forbidden();
    session.client(UP);
    decide(session);
    assertThat(session.out()).startsWith("HTTP/1.1 403 Forbidden\r\n");
    session.client("GET /open HTTP/1.1\r\nHost: h\r\n\r\n");
    assertThat(session.out()).startsWith("HTTP/1.1 200 OK\r\n");
    assertThat(raw.events).isEmpty();
  }

  @Test
  void aHandshakeWithABodyIsDecidedOnBeforeThatAndOnce() {
    SessionHarness<?, ?> session = open();
    session.client("GET /up HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\n");
    assertThat(threads).hasSize(1);
    decide(session);
    session.client("body");
    assertThat(session.out()).startsWith("HTTP/1.1 101 Switching Protocols\r\n");
    assertThat(asked).hasSize(1);
  }

  @Test
  void aClientThatLeavesDuringItsHandshakeLeavesNothing() {
    SessionHarness<?, ?> session = open();
    session.client(UP);
    session.breaks();
    decide(session);
    assertThat(raw.events).isEmpty();
    assertThat(counters.counts().abandoned()).isEqualTo(1);
  }

  @Test
  void aHandshakeThatKeepsTooMuchIsRefused() {
    SessionHarness<?, ?> session = open();
    session.client(
        "GET /up HTTP/1.1\r\nHost: h\r\nUser-Agent: " + "m".repeat(8 * 1024) + "\r\n\r\n");
    decide(session);
    assertThat(session.out()).startsWith("HTTP/1.1 431 ");
  }

  @Test
  void aServiceThatClosesGivesItsPrincipalsPlaceBack() {
    SessionHarness<?, ?> session = open("max-sessions-per-principal = 1", Settings.Body.WHOLE);
    session.client(UP);
    decide(session);
    assertThat(session.out()).startsWith("HTTP/1.1 101 ");
    assertThat(session.context().principalSessions("test", "alice")).isEqualTo(1);
    raw.session().close(CloseReason.SERVICE);
    session.drop();
    assertThat(session.context().principalSessions("test", "alice")).isZero();
  }
}
