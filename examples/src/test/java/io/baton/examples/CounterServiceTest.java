package io.baton.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.baton.service.CloseReason;
import io.baton.service.testkit.TestSession;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class CounterServiceTest {
  private static final int MAX_KEPT = 1_000;

  private final AtomicLong pids = new AtomicLong(100);
  private CounterService service = new CounterService(0);
  private final TestSession<WebSocketFrame, WebSocketFrame> test =
      TestSession.from(() -> {
        service = new CounterService(pids.incrementAndGet());
        return service;
      });

  private List<String> told() {
    return test.takeSent().stream().map(frame -> ((TextWebSocketFrame) frame).text()).toList();
  }

  private static String message(int number, int count, int pid) {
    return "{\"number\":%d,\"count\":%d,\"pid\":%d}".formatted(number, count, pid);
  }

  @Test
  void eachMessageHasTheNextNumber() {
    test.open();
    test.receive(new TextWebSocketFrame("add"));
    test.receive(new TextWebSocketFrame("something else"));
    test.advance(Duration.ofMillis(200));
    assertThat(told()).containsExactly(message(1, 0, 101), message(2, 1, 101), message(3, 1, 101));
  }

  @Test
  void aClientThatIsBackGetsWhatItHasNotSeen() {
    test.open();
    test.advance(Duration.ofMillis(400));
    told();
    service.back(test.session(), OptionalLong.of(1));
    assertThat(told()).containsExactly(message(2, 0, 101), message(3, 0, 101));
    service.back(test.session(), OptionalLong.of(3));
    assertThat(told()).isEmpty();
    service.back(test.session(), OptionalLong.empty());
    assertThat(told()).hasSize(3);
  }

  @Test
  void whatIsKeptIsBounded() {
    test.open();
    test.advance(Duration.ofMillis(200).multipliedBy(MAX_KEPT + 5));
    told();
    service.back(test.session(), OptionalLong.of(0));
    assertThat(told()).hasSize(MAX_KEPT).first().isEqualTo(message(7, 0, 101));
  }

  @Test
  void whatIsKeptMovesAlong() {
    test.open();
    test.receive(new TextWebSocketFrame("add"));
    told();
    test.move();
    service.back(test.session(), OptionalLong.of(0));
    test.advance(Duration.ofMillis(200));
    assertThat(told()).containsExactly(message(1, 0, 101), message(2, 1, 101), message(3, 1, 102));
  }

  @Test
  void whatAnotherVersionSavedIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> test.resume(new byte[] {2}))
        .withMessage("not a counter of version 1: 1 bytes");
    assertThat(test.ended()).contains(CloseReason.ERROR);
  }
}
