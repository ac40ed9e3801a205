package io.baton.worker.codec.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.baton.config.SettingsFixture;
import io.baton.service.CloseReason;
import io.baton.worker.NoLeaks;
import io.baton.worker.accesslog.AccessEntry;
import io.baton.worker.accesslog.AccessLog;
import io.baton.worker.accesslog.RequestEntry;
import io.baton.worker.session.Probe;
import io.baton.worker.session.SessionHarness;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
final class RequestLogTest {
  private final List<RequestEntry> lines = new ArrayList<>();
  private final AccessLog log =
      new AccessLog() {
        @Override
        public boolean isOn() {
          return true;
        }

        @Override
        public void add(AccessEntry entry) {
          lines.add((RequestEntry) entry);
        }
      };

  private final SessionHarness<FullHttpRequest, HttpObject> harness =
      new SessionHarness<>(
          new HttpCodec(
                  SettingsFixture.http("max-request-line = 64, max-header = 256, max-content = 32"),
                  InstantSource.system())
              .logging(log, "web"));
  private final Probe<FullHttpRequest, HttpObject> probe = harness.probe;

  @BeforeEach
  void connects() throws Exception {
    harness.open();
    probe.onReceived = (session, request) -> session.send(ok(request.uri()));
  }

  @AfterEach
  void disconnects() {
    harness.close();
  }

  private static DefaultFullHttpResponse ok(String text) {
    return new DefaultFullHttpResponse(
        HttpVersion.HTTP_1_1,
        HttpResponseStatus.OK,
        Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1));
  }

  private static String get(String path) {
    return "GET " + path + " HTTP/1.1\r\nHost: h\r\nUser-Agent: u\r\nReferer: r\r\n\r\n";
  }

  private static @Nullable String target(RequestEntry line) {
    RequestEntry.Asked asked = line.asked();
    return asked == null ? null : asked.target();
  }

  private void assertOne(String target, int status, long bytes) {
    assertThat(lines).hasSize(1);
    RequestEntry line = lines.getFirst();
    assertThat(target(line)).isEqualTo(target);
    assertThat(line.status()).isEqualTo(status);
    assertThat(line.bytes()).isEqualTo(bytes);
  }

  @Test
  void aRequestThatIsAnsweredHasALine() {
    harness.client(get("/a?b"));
    assertOne("/a?b", 200, 4);
    RequestEntry line = lines.getFirst();
    assertThat(line.asked())
        .isEqualTo(new RequestEntry.Asked("GET", "/a?b", "HTTP/1.1", "h", null, "r", "u"));
    assertThat(line.subject().listener()).isEqualTo("web");
    assertThat(line.subject().session()).isEqualTo(7);
    assertThat(line.unfinished()).isNull();
  }

  @Test
  void pipelinedRequestsHaveALineEach() {
    harness.client(get("/a") + get("/bc"));
    assertThat(lines)
        .extracting(RequestLogTest::target, RequestEntry::bytes)
        .containsExactly(tuple("/a", 2L), tuple("/bc", 3L));
  }

  @Test
  void theBodyThatAnAnswerToAHeadDoesNotHaveIsNotCounted() {
    harness.client("HEAD /a HTTP/1.1\r\nHost: h\r\n\r\n");
    assertOne("/a", 200, 0);
  }

  @Test
  void allPiecesOfAStreamedResponseAreCounted() {
    probe.onReceived =
        (session, request) -> {
          session.send(new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK));
          session.send(new DefaultHttpContent(Unpooled.wrappedBuffer(new byte[3])));
          assertThat(lines).isEmpty();
          session.send(new DefaultLastHttpContent(Unpooled.wrappedBuffer(new byte[4])));
        };
    harness.client(get("/a"));
    assertOne("/a", 200, 7);
  }

  @Test
  void anInterimResponseIsNotTheStatus() {
    probe.onReceived =
        (session, request) -> {
          session.send(
              new DefaultFullHttpResponse(
                  HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(103), Unpooled.EMPTY_BUFFER));
          session.send(ok("x"));
        };
    harness.client(get("/a"));
    assertOne("/a", 200, 1);
  }

  @Test
  void aRequestThatIsTooLargeHasALine() {
    harness.client("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 33\r\n\r\n");
    assertThat(lines).hasSize(1);
    assertThat(lines.getFirst().status()).isEqualTo(413);
  }

  @Test
  void aRequestThatCannotBeReadHasALineWithoutIt() {
    harness.client("nonsense\r\n\r\n");
    assertThat(lines).hasSize(1);
    assertThat(lines.getFirst().asked()).isNull();
    assertThat(lines.getFirst().status()).isEqualTo(400);
  }

  @Test
  void aClientThatLeavesBeforeItsAnswerIsA499() {
    probe.onReceived =
        (session, request) -> {
          var _ = session.hold();
        };
    harness.client(get("/a"));
    assertThat(lines).isEmpty();
    harness.breaks();
    harness.settle();
    assertOne("/a", RequestEntry.CLIENT_LEFT, 0);
    assertThat(lines.getFirst().unfinished()).isEqualTo(CloseReason.CLIENT);
  }

  @Test
  void aServiceThatFailsIsA500() {
    probe.onReceived =
        (session, request) -> {
          throw new IllegalStateException("on purpose");
        };
    harness.client(get("/a"));
    assertThat(lines).hasSize(1);
    assertThat(lines.getFirst().status()).isEqualTo(500);
  }

  @Test
  void aSessionThatMovesBetweenRequestsHasNoLineForThat() {
    harness.client(get("/a"));
    assertThat(harness.move()).isTrue();
    harness.client(get("/b"));
    harness.clientEnds();
    assertThat(lines).extracting(RequestLogTest::target).containsExactly("/a", "/b");
  }
}
