package io.baton.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.baton.service.CloseReason;
import io.baton.service.testkit.TestSession;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class PulseServiceTest {
  private final AtomicLong pids = new AtomicLong(100);
  private final TestSession<WebSocketFrame, WebSocketFrame> test =
      TestSession.from(() -> new PulseService(pids.incrementAndGet()));

  private List<String> told() {
    return test.takeSent().stream().map(frame -> ((TextWebSocketFrame) frame).text()).toList();
  }

  @Test
  void aClientIsToldAtOnceAndThenEverySecond() {
    test.open();
    test.advance(Duration.ofSeconds(2));
    assertThat(told())
        .containsExactly(
            "{\"pid\":101,\"count\":0}", "{\"pid\":101,\"count\":1}", "{\"pid\":101,\"count\":2}");
  }

  @Test
  void aPingIsAnsweredBetweenTheBeats() {
    test.open();
    test.advance(Duration.ofMillis(1_500));
    told();
    test.receive(new TextWebSocketFrame("ping"));
    assertThat(told()).containsExactly("{\"pid\":101,\"count\":1}");
  }

  @Test
  void whatIsNotAPingIsNotAnswered() {
    test.open();
    told();
    test.receive(new TextWebSocketFrame("pong"));
    test.receive(new BinaryWebSocketFrame());
    assertThat(told()).isEmpty();
  }

  @Test
  void theCountGoesOnInAnotherProcess() {
    test.open();
    test.advance(Duration.ofSeconds(3));
    told();
    test.move();
    test.advance(Duration.ofSeconds(1));
    assertThat(told()).containsExactly("{\"pid\":102,\"count\":3}", "{\"pid\":102,\"count\":4}");
  }

  @Test
  void whatAnotherVersionSavedIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> test.resume(new byte[] {2, 0, 0, 0, 0, 0, 0, 0, 1}))
        .withMessage("not a pulse of version 1: 9 bytes");
    assertThat(test.ended()).contains(CloseReason.ERROR);
  }

  @Test
  void aClientThatDoesNotReadMissesBeatsAndNoCount() {
    test.open();
    told();
    test.setWritable(false);
    test.advance(Duration.ofSeconds(60));
    assertThat(told()).isEmpty();
    test.setWritable(true);
    test.advance(Duration.ofSeconds(1));
    assertThat(told()).containsExactly("{\"pid\":101,\"count\":61}");
  }
}
