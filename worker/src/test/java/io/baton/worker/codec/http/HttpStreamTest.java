package io.baton.worker.codec.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.codec.http.PathParameters;
import io.baton.config.Settings.Body;
import io.baton.config.Settings.HttpRoute;
import io.baton.config.Settings.RouteOptions;
import io.baton.config.Settings.RouteTimeouts;
import io.baton.config.SettingsFixture;
import io.baton.service.CloseReason;
import io.baton.service.Hold;
import io.baton.service.Session;
import io.baton.worker.NoLeaks;
import io.baton.worker.session.Probe;
import io.baton.worker.session.SessionHarness;
import io.baton.worker.session.TestRoutes;
import io.baton.worker.spool.Spool;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bodies that a service gets piece by piece. */
@ExtendWith(NoLeaks.class)
final class HttpStreamTest {
  private static final int MAX_CONTENT = 100;
  private static final String GET = "GET /whole HTTP/1.1\r\nHost: h\r\n\r\n";
  private static final String CHUNKED =
      "POST /stream HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  private static final String CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";

  private final SessionHarness<HttpObject, HttpObject> harness =
      new SessionHarness<>(
          new RoutedHttpCodec(
              SettingsFixture.http(
                  "max-request-line = 64, max-header = 256, max-content = " + MAX_CONTENT),
              InstantSource.system(),
              Spool.NONE,
              List.of(
                  new HttpRoute("/stream", "http", "s", Body.STREAM, HttpRoute.AS_HTTP),
                  new HttpRoute("/long", "http", "s", Body.STREAM, Long.MAX_VALUE),
                  new HttpRoute("/short", "http", "s", Body.WHOLE, 3),
                  new HttpRoute("/timed", "http", "s"),
                  new HttpRoute("/ever", "http", "s"),
                  new HttpRoute("GET /orders/{id}", "http", "s"),
                  new HttpRoute("/whole", "http", "s")),
              Map.of()),
          TestRoutes.options("read-timeout = 60s, write-timeout = 60s, response-timeout = 5s"),
          Map.of(
              "/timed", own(2_000, 3_000, 1_000),
              "/ever", own(0, 0, 0),
              "/long", own(2_000, RouteTimeouts.AS_LISTENER, RouteTimeouts.AS_LISTENER)));
  private final Probe<HttpObject, HttpObject> probe = harness.probe;
  private final List<String> got = new ArrayList<>();
  private final List<Hold> holds = new ArrayList<>();

  private Predicate<HttpObject> held = _ -> false;

  /** Answered with when they come. */
  private Predicate<HttpObject> answered = LastHttpContent.class::isInstance;

  private static RouteOptions own(long readMs, long writeMs, long responseMs) {
    return new RouteOptions(
        null, null, new RouteTimeouts(readMs, RouteTimeouts.AS_LISTENER, writeMs, responseMs));
  }

  @BeforeEach
  void connects() throws Exception {
    harness.open();
    probe.onReceived = this::received;
  }

  @AfterEach
  void disconnects() {
    holds.forEach(Hold::release);
    harness.close();
  }

  private void received(Session<HttpObject> session, HttpObject piece) {
    got.add(
        switch (piece) {
          case FullHttpRequest whole -> "whole " + text(whole);
          case HttpRequest head -> head.method() + " " + head.uri();
          case LastHttpContent last -> text(last) + "|";
          case HttpContent content -> text(content);
          default -> throw new AssertionError(piece);
        });
    if (held.test(piece)) {
      holds.add(session.hold());
    }
    if (answered.test(piece)) {
      session.send(ok());
    }
  }

  private static String text(HttpContent content) {
    return content.content().toString(StandardCharsets.ISO_8859_1);
  }

  private static HttpObject ok() {
    return new DefaultFullHttpResponse(
        HttpVersion.HTTP_1_1, HttpResponseStatus.OK, Unpooled.EMPTY_BUFFER);
  }

  private static String post(String path, int length, String... more) {
    return "POST %s HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n%s\r\n"
        .formatted(path, length, String.join("", more));
  }

  private static String chunk(String text) {
    return Integer.toHexString(text.length()) + "\r\n" + text + "\r\n";
  }

  private void releaseFirst() {
    holds.removeFirst().release();
  }

  private boolean isOpen() {
    return harness.channel.isOpen();
  }

  @ParameterizedTest
  @CsvSource({"/timed, 1000", "/whole, 5000"})
  void aRouteHasATimeForItsAnswerOrItsListenersTime(String path, long ms) {
    answered = _ -> false;
    harness.client(GET.replace("/whole", path));
    harness.pass(Duration.ofMillis(ms - 1));
    assertThat(harness.out()).isEmpty();
    harness.pass(Duration.ofMillis(200));
    assertThat(harness.out()).startsWith("HTTP/1.1 504 ");
  }

  @ParameterizedTest
  @CsvSource({"/timed, 2000", "/long, 2000", "/stream, 60000"})
  void aRouteHasATimeForEachPieceOfABodyOrItsListenersTime(String path, long ms) {
    harness.client(post(path, 10));
    harness.client("12345");
    harness.pass(Duration.ofMillis(ms - 1));
    assertThat(harness.out()).isEmpty();
    harness.client("6");
    harness.pass(Duration.ofMillis(ms - 1));
    assertThat(harness.out()).isEmpty();
    harness.pass(Duration.ofMillis(200));
    assertThat(harness.out()).startsWith("HTTP/1.1 408 ");
  }

  @Test
  void aRouteMayHaveAllTheTimeForItsBody() {
    harness.client(post("/ever", 10));
    harness.pass(Duration.ofDays(1));
    harness.client("1234567890");
    assertThat(harness.out()).startsWith("HTTP/1.1 200 ");
  }

  @Test
  void aWholeRequestHasTheParametersOfItsRoute() {
    List<Map<String, String>> parameters = new ArrayList<>();
    answered =
        piece -> {
          if (piece instanceof PathParameters its) {
            parameters.add(its.pathParameters());
          }
          return true;
        };
    harness.client(GET);
    harness.client(GET.replace("/whole", "/orders/a%2Fb?id=c"));
    assertThat(parameters).containsExactly(Map.of(), Map.of("id", "a/b"));
  }

  @Test
  void aRouteMayHaveAllTheTimeForItsAnswer() {
    answered = _ -> false;
    held = _ -> true;
    harness.client(GET.replace("/whole", "/ever"));
    harness.pass(Duration.ofHours(1));
    assertThat(harness.out()).isEmpty();
    assertThat(isOpen()).isTrue();
  }

  @Test
  void theServiceGetsTheHeadThenPiecesAsTheyComeThenTheLast() {
    harness.client(post("/stream", 6));
    assertThat(got).containsExactly("POST /stream");
    harness.client("ab");
    assertThat(got).endsWith("ab");
    harness.client("cd");
    assertThat(got).endsWith("cd");
    assertThat(harness.out()).isEmpty();
    harness.client("ef");
    assertThat(got).containsExactly("POST /stream", "ab", "cd", "ef|");
    assertThat(harness.out()).startsWith("HTTP/1.1 200 OK").doesNotContain("connection: close");
  }

  @Test
  void theConnectionIsKeptAndWhatCameBehindIsAnsweredNext() {
    harness.client(
        CHUNKED + chunk("ab") + chunk("c") + chunk("") + GET + CHUNKED + chunk("") + GET);
    assertThat(got)
        .containsExactly("POST /stream", "ab", "c", "|", "whole ", "POST /stream", "|", "whole ");
    assertThat(harness.out().split("HTTP/1.1 200 OK", -1)).hasSize(5);
    assertThat(isOpen()).isTrue();
  }

  @Test
  void aRequestWithoutABodyIsAHeadAndALast() {
    harness.client("GET /stream HTTP/1.1\r\nHost: h\r\n\r\n");
    assertThat(got).containsExactly("GET /stream", "|");
    assertThat(harness.out()).startsWith("HTTP/1.1 200 OK");
  }

  @Test
  void anAnswerMayComeLongAfterTheLastPiece() {
    answered = _ -> false;
    harness.client(post("/stream", 2) + "ab" + GET);
    assertThat(got).containsExactly("POST /stream", "ab|");
    probe.session().send(ok());
    assertThat(got).containsExactly("POST /stream", "ab|", "whole ");
  }

  @Test
  void aServiceThatHoldsAPieceHoldsUpItsClient() {
    held = piece -> piece instanceof HttpContent;
    harness.client(post("/long", 6) + "ab");
    harness.client("cd");
    harness.client("ef");
    assertThat(got).containsExactly("POST /long", "ab");
    assertThat(harness.isRead()).isFalse();
    releaseFirst();
    assertThat(got).containsExactly("POST /long", "ab", "cdef|");
    releaseFirst();
    assertThat(harness.isRead()).isTrue();
  }

  @Test
  void aContinueIsSaidWhenTheHeadIsProcessed() {
    held = piece -> piece instanceof HttpRequest;
    harness.client(post("/stream", 2, "Expect: 100-continue\r\n"));
    assertThat(got).containsExactly("POST /stream");
    assertThat(harness.out()).isEmpty();
    releaseFirst();
    assertThat(harness.out()).isEqualTo(CONTINUE);
    harness.client("ab");
    assertThat(harness.out()).startsWith("HTTP/1.1 200 OK");
  }

  @Test
  void aContinueIsSaidAtOnceIfTheHeadIs() {
    harness.client(post("/stream", 2, "Expect: 100-continue\r\n"));
    assertThat(harness.out()).isEqualTo(CONTINUE);
  }

  @Test
  void aContinueIsNotSaidToAClientThatDoesNotWaitForIt() {
    held = piece -> piece instanceof HttpRequest;
    harness.client(post("/stream", 2, "Expect: 100-continue\r\n") + "ab");
    releaseFirst();
    assertThat(harness.out()).contains("HTTP/1.1 200 OK");
    assertThat(got).containsExactly("POST /stream", "ab|");
  }

  @Test
  void aClientThatIsAnsweredInsteadOfContinuedIsClosed() {
    answered = piece -> piece instanceof HttpRequest;
    harness.client(post("/stream", 2, "Expect: 100-continue\r\n"));
    assertThat(harness.out()).startsWith("HTTP/1.1 200 OK").contains("connection: close\r\n");
    assertThat(probe.events).endsWith("closed SERVICE");
  }

  @Test
  void anAnswerBeforeTheEndOfTheBodyIsTheConnectionsLast() {
    answered = piece -> piece instanceof HttpContent;
    harness.client(CHUNKED + chunk("ab") + chunk("cd") + chunk(""));
    assertThat(harness.out()).startsWith("HTTP/1.1 200 OK").contains("connection: close\r\n");
    assertThat(probe.events).endsWith("closed SERVICE");
    assertThat(got).containsExactly("POST /stream", "ab");
  }

  @Test
  void piecesGoOnComingUntilAnEarlyAnswersEnd() {
    answered = _ -> false;
    harness.client(post("/stream", 6) + "ab");
    probe.session().send(new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK));
    harness.client("cd");
    probe
        .session()
        .send(new DefaultHttpContent(Unpooled.copiedBuffer("cd", StandardCharsets.UTF_8)));
    harness.client("ef");
    assertThat(got).containsExactly("POST /stream", "ab", "cd", "ef|");
    assertThat(isOpen()).isTrue();
    probe.session().send(LastHttpContent.EMPTY_LAST_CONTENT);
    assertThat(harness.out()).contains("connection: close\r\n").endsWith("2\r\ncd\r\n0\r\n\r\n");
    assertThat(probe.events).endsWith("closed SERVICE");
  }

  @Test
  void ofAClientThatBreaksOffTheServiceHearsNoLastPiece() {
    harness.client(post("/stream", 6) + "ab");
    harness.clientEnds();
    assertThat(got).containsExactly("POST /stream", "ab");
    assertThat(probe.events).endsWith("closed CLIENT");
  }

  @Test
  void ofAClientThatIsGoneNeither() {
    held = piece -> piece instanceof HttpContent;
    harness.client(CHUNKED + chunk("ab") + chunk("cd"));
    harness.drop();
    releaseFirst();
    assertThat(got).containsExactly("POST /stream", "ab");
    assertThat(probe.events).endsWith("closed CLIENT");
  }

  @Test
  void whatIsMalformedInTheMiddleIs400() {
    harness.client(CHUNKED + chunk("ab") + "no chunk\r\n");
    assertThat(harness.out()).startsWith("HTTP/1.1 400 ");
    assertThat(got).containsExactly("POST /stream", "ab");
    assertThat(probe.events).endsWith("closed PROTOCOL");
  }

  @Test
  void onceAnAnswerHasBegunItJustEnds() {
    answered = _ -> false;
    harness.client(CHUNKED + chunk("ab"));
    probe.session().send(new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK));
    harness.client("no chunk\r\n");
    assertThat(harness.out()).startsWith("HTTP/1.1 200 OK").containsOnlyOnce("HTTP/1.1");
    assertThat(probe.events).endsWith("closed PROTOCOL");
  }

  @Test
  void aBodyMayBeAsLongAsHttpAllowsUnlessItsRouteSaysOtherwise() {
    harness.client(CHUNKED + chunk("x".repeat(MAX_CONTENT)) + chunk("y"));
    assertThat(harness.out()).startsWith("HTTP/1.1 413 ");
    assertThat(got).containsExactly("POST /stream", "x".repeat(MAX_CONTENT));
    assertThat(probe.events).endsWith("closed PROTOCOL");
  }

  @Test
  void aRouteMayHaveNoLimit() {
    harness.client(post("/long", 200_000_000));
    for (int i = 0; i < 20; i++) {
      harness.client("x".repeat(10_000));
    }
    assertThat(got).hasSize(21);
  }

  @Test
  void aRouteOfWholeBodiesMayHaveALowerOne() {
    harness.client(post("/short", 3) + "abc");
    assertThat(harness.out()).startsWith("HTTP/1.1 200 OK");
    harness.client(post("/short", 4));
    assertThat(harness.out()).startsWith("HTTP/1.1 413 ");
    assertThat(got).containsExactly("whole abc");
  }

  @Test
  void aClientThatIsSilentBetweenTwoPiecesIsTimedOut() {
    harness.client(post("/stream", 6) + "ab");
    harness.pass(Duration.ofSeconds(59));
    harness.client("cd");
    harness.pass(Duration.ofSeconds(59));
    assertThat(isOpen()).isTrue();
    harness.pass(Duration.ofSeconds(2));
    assertThat(harness.out()).startsWith("HTTP/1.1 408 ");
    assertThat(probe.events).endsWith("closed TIMEOUT");
  }

  @Test
  void butNotWhileTheServiceHasAPieceAndThenItHasItsWholeTime() {
    held = piece -> piece instanceof HttpContent;
    harness.client(post("/stream", 6) + "ab");
    harness.pass(Duration.ofMinutes(10));
    releaseFirst();
    harness.pass(Duration.ofSeconds(59));
    assertThat(isOpen()).isTrue();
    harness.pass(Duration.ofSeconds(2));
    assertThat(probe.events).endsWith("closed TIMEOUT");
  }

  @Test
  void aServiceThatThrowsInTheMiddleIsA500() {
    probe.onReceived =
        (_, piece) -> {
          if (piece instanceof HttpContent) {
            throw new IllegalStateException("the service's own");
          }
        };
    harness.client(post("/stream", 6) + "ab");
    assertThat(harness.out()).startsWith("HTTP/1.1 500 ").contains("connection: close\r\n");
    assertThat(probe.events).endsWith("closed ERROR");
  }

  @Test
  void aServiceMayCloseInTheMiddle() {
    harness.client(post("/stream", 6) + "ab");
    probe.session().close(CloseReason.SERVICE);
    assertThat(probe.events).endsWith("closed SERVICE");
  }
}
