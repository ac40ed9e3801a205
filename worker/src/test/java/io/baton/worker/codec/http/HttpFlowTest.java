package io.baton.worker.codec.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.codec.Flow.Phase;
import io.baton.config.SettingsFixture;
import io.baton.service.CloseReason;
import io.baton.worker.NoLeaks;
import io.baton.worker.session.SessionHarness;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(NoLeaks.class)
final class HttpFlowTest {
  private static final String CLOSED = "connection: close\r\n";

  private final SessionHarness<FullHttpRequest, HttpObject> harness =
      new SessionHarness<>(
          new HttpCodec(
              SettingsFixture.http("max-request-line = 64, max-header = 256, max-content = 64"),
              InstantSource.fixed(Instant.EPOCH)));

  @BeforeEach
  void connects() {
    harness.open();
  }

  @AfterEach
  void disconnects() {
    harness.close();
  }

  private void client(String text) {
    harness.client(text.replace("~", "\r\n"));
  }

  /** The service has let go of the request already, and owes the answer. */
  private void service(HttpObject message) {
    assertThat(harness.probe.session().send(message)).isTrue();
  }

  private void end(CloseReason why) {
    harness.probe.session().close(why);
    assertThat(harness.probe.events).endsWith("closed " + why);
  }

  private String out() {
    return harness.out();
  }

  private void assertAt(Phase phase, boolean canMove) {
    assertThat(harness.flow().phase()).isEqualTo(phase);
    assertThat(harness.flow().save().isPresent()).isEqualTo(canMove);
  }

  private void assertReceived(int requests) {
    assertThat(harness.probe.events).filteredOn("received"::equals).hasSize(requests);
  }

  @Test
  void thePhasesAreThoseOfARequestAndItMovesInTheFirstTwo() {
    assertAt(Phase.IDLE, true);
    client("P");
    assertAt(Phase.HEAD, true);
    client("OST / HTTP/1.1~Host: h~Content-Length: 2~");
    assertAt(Phase.HEAD, true);
    client("~");
    assertAt(Phase.BODY, false);
    client("a");
    assertAt(Phase.BODY, false);
    client("bGET");
    assertReceived(1);
    assertAt(Phase.ASKED, false);
    service(new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK));
    assertAt(Phase.ANSWER, false);
    service(LastHttpContent.EMPTY_LAST_CONTENT);
    assertAt(Phase.HEAD, true); // of the next one
    assertThat(harness.flow().save().orElseThrow().unread().remaining()).isEqualTo(3);
    assertThat(harness.flow().save().orElseThrow().state().remaining()).isZero();
  }

  @Test
  void itDoesNotMoveWhenItsAnswerWasTheLast() {
    client("GET / HTTP/1.1~Host: h~Connection: close~~");
    assertReceived(1);
    service(
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.OK, Unpooled.EMPTY_BUFFER));
    assertAt(Phase.IDLE, false);
    assertThat(harness.move()).isFalse();
  }

  @Test
  void aClientThatIsSilentInARequestGets408() {
    client("GET / HTTP/1.1~Ho");
    end(CloseReason.TIMEOUT);
    assertThat(out()).startsWith("HTTP/1.1 408 Request Timeout\r\n").contains(CLOSED);
  }

  @Test
  void aClientThatIsSilentInABodyGets408() {
    client("POST / HTTP/1.1~Host: h~Content-Length: 3~~ab");
    end(CloseReason.TIMEOUT);
    assertThat(out()).startsWith("HTTP/1.1 408 ").contains(CLOSED);
  }

  @Test
  void aClientWhoseRequestWaitsForTheWindowIsNotTheOneThatIsSlow() {
    harness.busy(true);
    client("POST / HTTP/1.1~Host: h~Content-Length: 3~~a");
    assertAt(Phase.ANSWER, true);
    harness.busy(false);
    assertAt(Phase.BODY, false);
    harness.busy(true);
    client("bc");
    assertAt(Phase.ANSWER, false);
    end(CloseReason.TIMEOUT);
    assertThat(out()).isEmpty();
  }

  @Test
  void a408BehindTheAnswerToAHeadHasItsBody() {
    client("HEAD / HTTP/1.1~Host: h~~");
    assertReceived(1);
    service(
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.OK, Unpooled.EMPTY_BUFFER));
    client("GET / HTTP/1.1~Ho");
    end(CloseReason.TIMEOUT);
    assertThat(out()).contains("HTTP/1.1 408 ").endsWith("\r\n\r\nRequest Timeout\n");
  }

  @Test
  void anIdleClientGetsNothing() {
    end(CloseReason.TIMEOUT);
    assertThat(out()).isEmpty();
  }

  @Test
  void aClientThatDoesNotTakeItsAnswerGetsNothingMore() {
    client("GET / HTTP/1.1~Host: h~~");
    assertReceived(1);
    service(new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK));
    assertThat(out()).startsWith("HTTP/1.1 200 ");
    end(CloseReason.TIMEOUT);
    assertThat(out()).isEmpty();
  }

  @Test
  void aClientThatGetsNoAnswerGets504() {
    client("GET / HTTP/1.1~Host: h~~GET /next HTTP/1.1~");
    assertReceived(1);
    end(CloseReason.TIMEOUT);
    assertThat(out()).startsWith("HTTP/1.1 504 Gateway Timeout\r\n").contains(CLOSED);
  }

  @Test
  void aClientThatWaitsIsProbedWithWhatItPassesOverAndThenAnswered() {
    client("GET / HTTP/1.1~Host: h~~");
    harness.flow().probe();
    assertThat(out()).isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
    harness.flow().probe();
    service(
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.OK, Unpooled.EMPTY_BUFFER));
    assertThat(out()).startsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n");
  }

  @Test
  void aClientOfOnePointZeroKnowsNoInterimResponsesAndIsNotProbed() {
    client("GET / HTTP/1.0~~");
    assertReceived(1);
    harness.flow().probe();
    assertThat(out()).isEmpty();
  }

  @Test
  void aClientTooManyGets503BeforeItAsks() {
    end(CloseReason.LIMIT);
    assertThat(out())
        .startsWith("HTTP/1.1 503 Service Unavailable\r\n")
        .contains(CLOSED, "retry-after: 1\r\n", "content-length: ")
        .endsWith("\r\n\r\nService Unavailable\n");
  }

  @Test
  void aClientWhoseBodyFindsNoMemoryGets503BeforeItSendsIt() {
    try (SessionHarness<FullHttpRequest, HttpObject> large =
        new SessionHarness<FullHttpRequest, HttpObject>(
                new HttpCodec(
                    SettingsFixture.http("max-content = 100k"), InstantSource.fixed(Instant.EPOCH)))
            .open()) {
      large.budget().add(SessionHarness.BUDGET / 100 * 85);
      large.client("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n");
      assertThat(large.out())
          .startsWith("HTTP/1.1 503 Service Unavailable\r\n")
          .contains(CLOSED, "retry-after: 1\r\n");
      assertThat(large.probe.events).containsExactly("opened", "closed LIMIT");
    }
  }

  @Test
  void anAnswerThatIsOwedIs500AndOneThatHasBegunStaysAsItIs() {
    client("GET / HTTP/1.1~Host: h~~");
    assertReceived(1);
    DefaultHttpResponse begun =
        new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
    begun.headers().set(HttpHeaderNames.CONTENT_LENGTH, 3);
    service(begun);
    assertThat(out()).isNotEmpty();
    end(CloseReason.ERROR);
    assertThat(out()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(names = {"CLIENT", "SERVICE", "PROTOCOL", "UPGRADED", "MOVED", "SHUTDOWN"})
  void otherEndsAreWordless(CloseReason why) {
    client("GET / HTTP/1.1~Host: h~~");
    assertReceived(1);
    end(why);
    assertThat(out()).isEmpty();
  }
}
