package io.baton.worker.codec.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.codec.CodecContext;
import io.baton.codec.Flow;
import io.baton.codec.Flow.Phase;
import io.baton.config.SettingsFixture;
import io.baton.service.CloseReason;
import io.baton.worker.NoLeaks;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(NoLeaks.class)
final class HttpFlowTest {
  private static final String CLOSED = "connection: close\r\n";

  private boolean open = true;
  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final Flow flow =
      new HttpCodec(
              SettingsFixture.http("max-request-line = 64, max-header = 256, max-content = 64"),
              InstantSource.fixed(Instant.EPOCH))
          .install(
              CodecContext.of(
                  channel.pipeline(),
                  new HttpCutTest.AlwaysOpen() {
                    @Override
                    public boolean open() {
                      return open;
                    }
                  },
                  null));

  @AfterEach
  void disconnects() {
    channel.finishAndReleaseAll();
  }

  private void client(String text) {
    channel.writeInbound(
        Unpooled.copiedBuffer(text.replace("~", "\r\n"), StandardCharsets.ISO_8859_1));
  }

  private void service(HttpObject message) {
    channel.writeOutbound(message);
  }

  private String out() {
    StringBuilder all = new StringBuilder();
    for (ByteBuf piece; (piece = channel.readOutbound()) != null; ) {
      all.append(piece.toString(StandardCharsets.ISO_8859_1));
      piece.release();
    }
    return all.toString();
  }

  private void assertAt(Phase phase, boolean canMove) {
    assertThat(flow.phase()).isEqualTo(phase);
    assertThat(flow.save().isPresent()).isEqualTo(canMove);
  }

  private void take() {
    ReferenceCountUtil.release(channel.readInbound());
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
    take();
    assertAt(Phase.ANSWER, false);
    service(new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK));
    assertAt(Phase.ANSWER, false);
    service(LastHttpContent.EMPTY_LAST_CONTENT);
    assertAt(Phase.HEAD, true); // of the next one
    assertThat(flow.save().orElseThrow().unread().remaining()).isEqualTo(3);
    assertThat(flow.save().orElseThrow().state().remaining()).isZero();
  }

  @Test
  void itDoesNotMoveWhenItsAnswerWasTheLast() {
    client("GET / HTTP/1.1~Host: h~Connection: close~~");
    take();
    service(
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.OK, Unpooled.EMPTY_BUFFER));
    assertAt(Phase.IDLE, false);
  }

  @Test
  void aClientThatIsSilentInARequestGets408() {
    client("GET / HTTP/1.1~Ho");
    flow.goodbye(CloseReason.TIMEOUT);
    assertThat(out()).startsWith("HTTP/1.1 408 Request Timeout\r\n").contains(CLOSED);
  }

  @Test
  void aClientThatIsSilentInABodyGets408() {
    client("POST / HTTP/1.1~Host: h~Content-Length: 3~~ab");
    flow.goodbye(CloseReason.TIMEOUT);
    assertThat(out()).startsWith("HTTP/1.1 408 ").contains(CLOSED);
  }

  @Test
  void aClientWhoseRequestWaitsForTheWindowIsNotTheOneThatIsSlow() {
    open = false;
    client("POST / HTTP/1.1~Host: h~Content-Length: 3~~a");
    assertAt(Phase.ANSWER, true);
    open = true;
    flow.resume();
    assertAt(Phase.BODY, false);
    open = false;
    client("bc");
    assertAt(Phase.ANSWER, false);
    flow.goodbye(CloseReason.TIMEOUT);
    assertThat(out()).isEmpty();
  }

  @Test
  void a408BehindTheAnswerToAHeadHasItsBody() {
    client("HEAD / HTTP/1.1~Host: h~~");
    take();
    service(
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.OK, Unpooled.EMPTY_BUFFER));
    client("GET / HTTP/1.1~Ho");
    flow.goodbye(CloseReason.TIMEOUT);
    assertThat(out()).contains("HTTP/1.1 408 ").endsWith("\r\n\r\nRequest Timeout\n");
  }

  @Test
  void anIdleClientGetsNothing() {
    flow.goodbye(CloseReason.TIMEOUT);
    assertThat(out()).isEmpty();
  }

  @Test
  void aClientThatDoesNotTakeItsAnswerGetsNothingMore() {
    client("GET / HTTP/1.1~Host: h~~");
    take();
    flow.goodbye(CloseReason.TIMEOUT);
    assertThat(out()).isEmpty();
  }

  @Test
  void aClientTooManyGets503BeforeItAsks() {
    flow.goodbye(CloseReason.LIMIT);
    assertThat(out())
        .startsWith("HTTP/1.1 503 Service Unavailable\r\n")
        .contains(CLOSED, "retry-after: 1\r\n", "content-length: ")
        .endsWith("\r\n\r\nService Unavailable\n");
  }

  @Test
  void anAnswerThatIsOwedIs500AndOneThatHasBegunStaysAsItIs() {
    client("GET / HTTP/1.1~Host: h~~");
    take();
    DefaultHttpResponse begun =
        new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
    begun.headers().set(HttpHeaderNames.CONTENT_LENGTH, 3);
    service(begun);
    assertThat(out()).isNotEmpty();
    flow.goodbye(CloseReason.ERROR);
    assertThat(out()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(names = {"CLIENT", "SERVICE", "PROTOCOL", "UPGRADED", "MOVED", "SHUTDOWN"})
  void otherEndsAreWordless(CloseReason why) {
    client("GET / HTTP/1.1~Host: h~~");
    take();
    flow.goodbye(why);
    assertThat(out()).isEmpty();
  }
}
