package io.baton.worker.migration;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class HoldUpsTest {
  private final HoldUps holdUps = new HoldUps(seconds(60));

  private static long seconds(long n) {
    return TimeUnit.SECONDS.toNanos(n);
  }

  @Test
  void oneConnectionIsSaidWithItsListenerReasonAndTime() {
    holdUps.add(new HoldUp("web", "answer pending", seconds(8)));
    assertThat(holdUps).hasToString("web, answer pending for 52 s");
  }

  @Test
  void thoseWithTheSameReasonAreAddedUp() {
    holdUps.add(new HoldUp("web", "answer pending", seconds(8)));
    holdUps.add(new HoldUp("chat", "cannot be saved", seconds(60)));
    holdUps.add(new HoldUp("web", "answer pending", seconds(50)));
    assertThat(holdUps)
        .hasToString("2 of web, answer pending for up to 52 s; chat, cannot be saved for 0 s");
  }

  @Test
  void ofManyReasonsTheLastOnesAreOnlyCounted() {
    for (int i = 0; i < HoldUps.MAX_REASONS + 3; i++) {
      holdUps.add(new HoldUp("l" + i, "answer pending", seconds(0)));
    }
    assertThat(holdUps.toString())
        .contains("l7, ")
        .doesNotContain("l8")
        .endsWith("; 3 for other reasons");
  }

  @Test
  void nothingIsEmpty() {
    assertThat(holdUps).hasToString("");
  }
}
