package io.baton.worker.codec.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.config.SettingsFixture;
import io.baton.service.Hold;
import io.baton.service.Session;
import io.baton.worker.NoLeaks;
import io.baton.worker.session.ManagedSession;
import io.baton.worker.session.Probe;
import io.baton.worker.session.SessionHarness;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(NoLeaks.class)
final class HttpCodecTest {
  private static final InstantSource CLOCK =
      InstantSource.fixed(Instant.parse("2026-03-04T05:06:07Z"));

  private static final String CHUNKED =
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";

  private final SessionHarness<FullHttpRequest, HttpObject> harness =
      new SessionHarness<>(
          new HttpCodec(
              SettingsFixture.http("max-request-line = 64, max-header = 256, max-content = 32"),
              CLOCK));
  private final Probe<FullHttpRequest, HttpObject> probe = harness.probe;

  @BeforeEach
  void connects() throws Exception {
    harness.open();
    probe.onReceived = (session, request) -> answer(session, request);
  }

  @AfterEach
  void disconnects() {
    harness.close();
  }

  /** 200, with the request's path and body as its own. */
  private static void answer(Session<HttpObject> session, FullHttpRequest request) {
    session.send(ok(request.uri() + request.content().toString(StandardCharsets.ISO_8859_1)));
  }

  private static HttpObject ok(String text) {
    return new DefaultFullHttpResponse(
        HttpVersion.HTTP_1_1,
        HttpResponseStatus.OK,
        Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1));
  }

  private static String get(String path) {
    return "GET " + path + " HTTP/1.1\r\nHost: h\r\n\r\n";
  }

  private static String chunk(String text) {
    return Integer.toHexString(text.length()) + "\r\n" + text + "\r\n";
  }

  private static String response(String body, String... more) {
    StringBuilder all =
        new StringBuilder("HTTP/1.1 200 OK\r\ndate: Wed, 04 Mar 2026 05:06:07 GMT\r\n")
            .append("server: Baton\r\ncontent-length: ")
            .append(body.length())
            .append("\r\n");
    for (String line : more) {
      all.append(line).append("\r\n");
    }
    return all.append("\r\n").append(body).toString();
  }

  private void assertOpen() {
    assertThat(harness.channel.isOpen()).isTrue();
  }

  private void assertClosed(String why) {
    assertThat(harness.channel.isOpen()).isFalse();
    assertThat(probe.events).endsWith("closed " + why);
  }

  @Test
  void aRequestIsAnsweredAndTheConnectionKept() {
    harness.client(get("/a"));
    assertThat(harness.out()).isEqualTo(response("/a"));
    harness.client(get("/b"));
    assertThat(harness.out()).isEqualTo(response("/b"));
    assertOpen();
  }

  @Test
  void aRequestMayComeByteByByte() {
    for (char c : get("/a").toCharArray()) {
      harness.client(String.valueOf(c));
    }
    assertThat(harness.out()).isEqualTo(response("/a"));
  }

  @Test
  void aClientThatAsksForItIsClosed() {
    harness.client("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    assertThat(harness.out()).isEqualTo(response("/", "connection: close"));
    assertClosed("CLIENT");
  }

  @Test
  void http10IsClosedUnlessItAsksToBeKept() {
    harness.client("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    assertThat(harness.out()).isEqualTo(response("/", "connection: keep-alive"));
    assertOpen();

    harness.client("GET / HTTP/1.0\r\n\r\n");
    assertThat(harness.out()).isEqualTo(response("/", "connection: close"));
    assertClosed("CLIENT");
  }

  @Test
  void aServiceMayCloseByItsHeader() {
    probe.onReceived =
        (session, _) -> {
          DefaultFullHttpResponse bye =
              new DefaultFullHttpResponse(
                  HttpVersion.HTTP_1_1, HttpResponseStatus.NO_CONTENT, Unpooled.EMPTY_BUFFER);
          bye.headers().set(HttpHeaderNames.CONNECTION, "Close");
          session.send(bye);
        };
    harness.client(get("/"));
    assertThat(harness.out()).startsWith("HTTP/1.1 204 ").contains("connection: close\r\n");
    assertClosed("SERVICE");
  }

  /** RFC 9110, 15.3.6: whatever the service has put into it. */
  @ParameterizedTest
  @CsvSource({"GET, ''", "GET, text", "HEAD, text"})
  void a205HasTheLengthZeroOnce(String method, String text) {
    probe.onReceived =
        (session, _) ->
            session.send(
                new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1,
                    HttpResponseStatus.RESET_CONTENT,
                    Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1)));
    for (int i = 0; i < 2; i++) {
      harness.client(method + " / HTTP/1.1\r\nHost: h\r\n\r\n");
      assertThat(harness.out())
          .startsWith("HTTP/1.1 205 ")
          .containsOnlyOnce("content-length")
          .contains("content-length: 0\r\n")
          .endsWith("\r\n\r\n");
    }
    assertOpen();
  }

  @Test
  void theAnswerToAHeadHasTheLengthAndNoBody() {
    harness.client("HEAD /four HTTP/1.1\r\nHost: h\r\n\r\n" + get("/b"));
    assertThat(harness.out())
        .isEqualTo(response("/four").replaceAll("/four$", "") + response("/b"));
  }

  @Test
  void bodiesAreMadeWhole() {
    harness.client("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n\r\nabc");
    assertThat(harness.out()).isEmpty();
    harness.client("def");
    assertThat(harness.out()).isEqualTo(response("/abcdef"));

    harness.client(CHUNKED + chunk("abc") + chunk("def") + chunk("g") + chunk(""));
    assertThat(harness.out()).isEqualTo(response("/abcdefg"));
  }

  @Test
  void aClientThatWaitsForAContinueGetsIt() {
    harness.client(
        "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
    assertThat(harness.out()).isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
    harness.client("abc");
    assertThat(harness.out()).isEqualTo(response("/abc"));
  }

  @Test
  void pipelinedRequestsAreAnsweredInOrderThoughTheServiceTakesItsTime() {
    Deque<Runnable> answers = new ArrayDeque<>();
    probe.onReceived =
        (session, request) -> {
          Hold hold = session.hold();
          answers.add(() -> {
            answer(session, request);
            hold.release();
          });
        };
    harness.client(get("/a") + get("/b") + get("/c"));
    assertThat(answers).hasSize(1); // one at a time
    assertThat(harness.isRead()).isFalse();
    harness.client(get("/d")); // what a FIN makes Netty read in spite of that

    StringBuilder all = new StringBuilder();
    while (!answers.isEmpty()) {
      assertThat(answers).hasSize(1);
      answers.remove().run();
      all.append(harness.out());
    }
    assertThat(all).hasToString(response("/a") + response("/b") + response("/c") + response("/d"));
    assertThat(harness.isRead()).isTrue();
  }

  @Test
  void aNextRequestWaitsForAnAnswerThatComesWithoutAHold() {
    probe.onReceived = (_, _) -> {};
    harness.client(get("/a") + get("/b"));
    assertThat(probe.events).containsExactly("opened", "received");

    probe.session().send(ok("1"));
    assertThat(probe.events).containsExactly("opened", "received", "received");
    probe.session().send(ok("2"));
    assertThat(harness.out()).isEqualTo(response("1") + response("2"));
  }

  @Test
  void aClientThatEndsItsSideGetsTheAnswersToAllItSent() {
    Deque<Hold> holds = new ArrayDeque<>();
    probe.onReceived = (session, _) -> holds.add(session.hold());
    harness.client(get("/a") + get("/b") + get("/c"));
    harness.clientEnds();

    for (int i = 1; i <= 3; i++) {
      assertOpen();
      probe.session().send(ok("" + i));
      holds.remove().release();
    }
    assertThat(harness.out()).isEqualTo(response("1") + response("2") + response("3"));
    assertClosed("CLIENT");
  }

  @Test
  void anIdleClientThatEndsItsSideIsClosed() {
    harness.client(get("/a"));
    harness.clientEnds();
    assertThat(harness.out()).isEqualTo(response("/a"));
    assertClosed("CLIENT");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "400 | nonsense",
        "400 | GET / HTTP/1.1",
        "400 | GET / HTTP/1.1~Host: a~Host: b",
        "400 | GET / HTTP/1.1~Host: h~bad header: x",
        "400 | POST / HTTP/1.1~Host: h~Content-Length: 1~Content-Length: 2",
        "400 | POST / HTTP/1.1~Host: h~Content-Length: 1~Transfer-Encoding: chunked",
        "413 | POST / HTTP/1.1~Host: h~Content-Length: 33",
        "413 | POST / HTTP/1.1~Host: h~Content-Length: 33~Expect: 100-continue",
        "417 | POST / HTTP/1.1~Host: h~Content-Length: 3~Expect: something",
        "505 | GET / HTTP/2.0~Host: h",
      })
  void whatIsWrongIsAnsweredAndClosed(String status, String head) {
    harness.client(get("/before") + head.replace("~", "\r\n") + "\r\n\r\nxxx" + get("/after"));

    assertThat(harness.out())
        .startsWith(response("/before") + "HTTP/1.1 " + status + " ")
        .contains("connection: close\r\n")
        .doesNotContain("/after");
    assertThat(probe.events).containsExactly("opened", "received", "closed PROTOCOL");
    assertThat(harness.channel.isOpen()).isFalse();
  }

  @Test
  void aLineThatIsTooLongIs414() {
    harness.client(get("/" + "x".repeat(100)));
    assertThat(harness.out()).startsWith("HTTP/1.1 414 ");
    assertClosed("PROTOCOL");
  }

  @Test
  void headersThatAreTooLongAre431() {
    harness.client("GET / HTTP/1.1\r\nHost: h\r\nX: " + "x".repeat(300) + "\r\n\r\n");
    assertThat(harness.out()).startsWith("HTTP/1.1 431 ");
    assertClosed("PROTOCOL");
  }

  @Test
  void chunksThatAreTooMuchAre413() {
    harness.client(CHUNKED + chunk("0123456789abcdef").repeat(3));
    assertThat(harness.out()).startsWith("HTTP/1.1 413 ");
    assertClosed("PROTOCOL");
  }

  @Test
  void aChunkThatIsTooMuchIs413BeforeItComes() {
    harness.client(CHUNKED + "ffff\r\n");
    assertThat(harness.out()).startsWith("HTTP/1.1 413 ");
    assertClosed("PROTOCOL");
  }

  @Test
  void aChunkThatIsMalformedIs400() {
    harness.client(CHUNKED + "xyz\r\n");
    assertThat(harness.out()).startsWith("HTTP/1.1 400 ");
    assertClosed("PROTOCOL");
  }

  @Test
  void aServiceThatThrowsIs500() {
    probe.onReceived =
        (_, _) -> {
          throw new IllegalStateException("the service's mistake");
        };
    harness.client(get("/a") + get("/b"));
    assertThat(harness.out())
        .startsWith("HTTP/1.1 500 Internal Server Error\r\n")
        .contains("connection: close\r\n")
        .containsOnlyOnce("HTTP/1.1");
    assertClosed("ERROR");
    assertThat(harness.counters().errors()).isEqualTo(1);
  }

  @Test
  void aServiceThatThrowsAfterItsAnswerIsNotAnsweredTwice() {
    probe.onReceived =
        (session, request) -> {
          answer(session, request);
          throw new IllegalStateException("the service's mistake");
        };
    harness.client(get("/a"));
    assertThat(harness.out()).isEqualTo(response("/a"));
    assertClosed("ERROR");
  }

  @Test
  void aResponseNobodyAskedForEndsTheSession() {
    probe.session().send(ok("?"));
    harness.channel.runPendingTasks();
    assertThat(harness.out()).isEmpty();
    assertClosed("ERROR");
  }

  @Test
  void aStreamedResponseIsChunked() {
    probe.onReceived = (session, _) -> stream(session);
    harness.client(get("/a") + get("/b"));
    String one = "transfer-encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n";
    assertThat(harness.out().split(one, -1)).hasSize(3);
    assertOpen();
  }

  @Test
  void aStreamedResponseTo10EndsWithTheConnection() {
    probe.onReceived = (session, _) -> stream(session);
    harness.client("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    assertThat(harness.out()).contains("connection: close\r\n").endsWith("\r\n\r\nabc");
    assertClosed("SERVICE");
  }

  private static void stream(Session<HttpObject> session) {
    session.send(new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK));
    session.send(new DefaultHttpContent(Unpooled.copiedBuffer("ab", StandardCharsets.US_ASCII)));
    session.send(new DefaultLastHttpContent(Unpooled.copiedBuffer("c", StandardCharsets.US_ASCII)));
  }

  @Test
  void aContinueIsNotSaidWhereNothingFollowsOrTo10() {
    harness.client("GET /a HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n\r\n");
    assertThat(harness.out()).isEqualTo(response("/a"));
    harness.client("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n");
    assertThat(harness.out()).isEmpty();
  }

  @Test
  void aServiceMaySendEarlyHintsBeforeItsAnswer() {
    probe.onReceived =
        (session, request) -> {
          session.send(full(HttpResponseStatus.EARLY_HINTS, ""));
          answer(session, request);
        };
    harness.client(get("/a"));
    assertThat(harness.out()).isEqualTo("HTTP/1.1 103 Early Hints\r\n\r\n" + response("/a"));
    harness.client("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    assertThat(harness.out()).isEqualTo(response("/a", "connection: keep-alive"));
  }

  @Test
  void eventsGoOutOneByOne() {
    probe.onReceived =
        (session, _) -> {
          DefaultHttpResponse stream =
              new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
          stream.headers().set(HttpHeaderNames.CONTENT_TYPE, "text/event-stream");
          session.send(stream);
        };
    harness.client(get("/events"));
    assertThat(harness.out()).contains("text/event-stream").endsWith("\r\n\r\n");
    for (int i = 0; i < 3; i++) {
      probe.session().send(new DefaultHttpContent(text("data: " + i + "\n\n")));
      assertThat(harness.out()).isEqualTo("9\r\ndata: " + i + "\n\n\r\n");
    }
  }

  private static ByteBuf text(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
  }

  private static DefaultFullHttpResponse full(
      HttpResponseStatus status, String text, String... headers) {
    DefaultFullHttpResponse response =
        new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, text(text));
    for (int i = 0; i < headers.length; i += 2) {
      response.headers().add(headers[i], headers[i + 1]);
    }
    return response;
  }

  private static DefaultHttpResponse head(String... headers) {
    DefaultHttpResponse head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
    head.headers().add(full(HttpResponseStatus.OK, "", headers).headers());
    return head;
  }

  static Stream<Supplier<HttpObject>> contradictions() {
    return Stream.of(
        () -> full(HttpResponseStatus.OK, "abc", "Content-Length", "3", "Content-Length", "3"),
        () -> full(HttpResponseStatus.OK, "abc", "Content-Length", "4"),
        () -> full(HttpResponseStatus.OK, "abc", "Content-Length", "2"),
        () -> full(HttpResponseStatus.OK, "abc", "Content-Length", "three"),
        () -> full(HttpResponseStatus.OK, "abc", "Content-Length", ""),
        () -> full(HttpResponseStatus.OK, "", "Content-Length", "99999999999999999999"),
        () -> full(HttpResponseStatus.SWITCHING_PROTOCOLS, ""),
        () -> new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.EARLY_HINTS),
        () -> head("Content-Length", "3", "Content-Length", "4"),
        () -> head("Content-Length", "3", "Transfer-Encoding", "chunked"),
        () -> head("Transfer-Encoding", "gzip"),
        () -> head("Transfer-Encoding", "chunked", "Transfer-Encoding", "chunked"),
        () -> new DefaultHttpContent(text("abc")),
        () -> full(HttpResponseStatus.OK, "", "X", "a\r\nSet-Cookie: b"),
        () -> full(HttpResponseStatus.OK, "", "X", "a\nb"),
        () -> full(HttpResponseStatus.OK, "", "X\r\nY", "a"),
        () -> full(new HttpResponseStatus(200, "OK\r\nX: y"), ""));
  }

  @ParameterizedTest
  @MethodSource("contradictions")
  void aResponseThatContradictsItselfIsTheServicesMistake(Supplier<HttpObject> response) {
    probe.onReceived = (session, _) -> session.send(response.get());
    harness.client(get("/a") + get("/b"));
    assertThat(harness.out())
        .startsWith("HTTP/1.1 500 Internal Server Error\r\n")
        .containsOnlyOnce("HTTP/1.1");
    assertClosed("ERROR");
  }

  @Test
  void aStreamOfAnotherLengthThanItsHeadSaidIsCutOff() {
    probe.onReceived =
        (session, _) -> {
          session.send(head("Content-Length", "3"));
          session.send(new DefaultHttpContent(text("ab")));
          session.send(new DefaultHttpContent(text("cd")));
        };
    harness.client(get("/a") + get("/b"));
    assertThat(harness.out()).contains("Content-Length: 3\r\n").endsWith("\r\n\r\nab");
    assertClosed("ERROR");
  }

  @Test
  void aStreamThatEndsTooEarlyIsSeenToBe() {
    probe.onReceived =
        (session, _) -> {
          session.send(head("Content-Length", "3"));
          session.send(new DefaultLastHttpContent(text("ab")));
        };
    harness.client(get("/a") + get("/b"));
    assertThat(harness.out()).endsWith("\r\n\r\n");
    assertClosed("ERROR");
  }

  @Test
  void aLengthIsAllowedWhereNoBodyFollows() {
    probe.onReceived =
        (session, request) ->
            session.send(
                request.uri().equals("/304")
                    ? full(HttpResponseStatus.NOT_MODIFIED, "", "Content-Length", "9")
                    : full(HttpResponseStatus.OK, "", "Content-Length", "9"));
    harness.client("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n" + get("/304"));
    assertThat(harness.out()).contains("HTTP/1.1 200 OK", "HTTP/1.1 304 Not Modified");
    assertOpen();
  }

  @Test
  void aThousandPipelinedRequestsAreAnsweredInOrder() {
    StringBuilder requests = new StringBuilder();
    StringBuilder responses = new StringBuilder();
    for (int i = 0; i < 1_000; i++) {
      requests.append(get("/" + i));
      responses.append(response("/" + i));
    }
    harness.client(requests.toString());
    assertThat(harness.out()).isEqualTo(responses.toString());
  }

  @Test
  void aBusyConnectionIsToldOfTheDrainInItsAnswerAndThenClosed() {
    probe.onReceived = (_, _) -> {};
    harness.client(get("/a"));
    goodbye();
    endIfIdle();
    assertOpen();

    probe.session().send(ok("a"));
    assertThat(harness.out()).isEqualTo(response("a", "connection: close"));
    assertClosed("SHUTDOWN");
  }

  @Test
  void requestsThatWerePipelinedBeforeTheDrainAreAllAnswered() {
    probe.onReceived = (_, _) -> {};
    harness.client(get("/a") + get("/b"));
    goodbye();

    probe.session().send(ok("a"));
    probe.session().send(ok("b"));
    assertThat(harness.out()).isEqualTo(response("a") + response("b", "connection: close"));
    assertClosed("SHUTDOWN");
  }

  @Test
  void anIdleConnectionStillGetsAnAnswerWithinTheGrace() {
    goodbye();
    harness.client(get("/a"));
    assertThat(harness.out()).isEqualTo(response("/a", "connection: close"));
    assertClosed("SHUTDOWN");
  }

  @Test
  void anIdleConnectionIsClosedAfterTheGrace() {
    harness.client(get("/a"));
    assertThat(harness.out()).isEqualTo(response("/a"));
    goodbye();
    endIfIdle();
    assertClosed("SHUTDOWN");
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET ", "GET /a HTTP/1.1\r\n", "GET /a HTTP/1.1\r\nHost: h\r\n"})
  void aRequestThatIsHalfThereIsNotCutOff(String half) {
    harness.client(half);
    goodbye();
    endIfIdle();
    assertOpen();

    harness.client(get("/a").substring(half.length()));
    assertThat(harness.out()).isEqualTo(response("/a", "connection: close"));
    assertClosed("SHUTDOWN");
  }

  @Test
  void aDrainDuringAResponseClosesAfterIt() {
    probe.onReceived =
        (session, _) ->
            session.send(new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK));
    harness.client(get("/a"));
    goodbye();
    endIfIdle();
    probe.session().send(new DefaultLastHttpContent(Unpooled.EMPTY_BUFFER));
    assertThat(harness.out()).endsWith("0\r\n\r\n");
    assertClosed("SHUTDOWN");
  }

  private void goodbye() {
    harness.context().sessions().all().forEach(ManagedSession::goodbye);
  }

  private void endIfIdle() {
    harness.context().sessions().all().forEach(ManagedSession::endIfIdle);
  }
}
