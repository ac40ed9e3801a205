package @package@;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.service.testkit.TestSession;
import org.junit.jupiter.api.Test;

final class GreeterTest {
  private final TestSession<String, String> test = TestSession.from(() -> new Greeter("Hello"));

  @Test
  void eachLineIsGreeted() {
    test.open();
    test.receive("Anna");

    assertThat(test.sent()).containsExactly("1 Hello, Anna!");
  }

  @Test
  void theNumbersGoOnInAnotherWorker() {
    test.open();
    test.receive("Anna");
    test.move();
    test.receive("Ben");

    assertThat(test.sent()).containsExactly("1 Hello, Anna!", "2 Hello, Ben!");
  }
}
