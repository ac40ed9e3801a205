package io.baton.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.service.testkit.TestSession;
import org.junit.jupiter.api.Test;

final class EchoLineServiceTest {
  private final TestSession<String, String> test = TestSession.from(EchoLineService::new);

  @Test
  void theNumbersGoOnInAnotherWorker() {
    test.open();
    test.receive("hello");
    test.move();
    test.receive("and again");

    assertThat(test.sent()).containsExactly("1 hello", "2 and again");
  }
}
