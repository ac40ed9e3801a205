package io.baton.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class GuestDelayTest {
  private static LongStream delaysMs(double chance, int... failures) {
    return IntStream.of(failures)
        .mapToLong(each -> TimeUnit.NANOSECONDS.toMillis(GuestDialer.delayNanos(each, chance)));
  }

  @Test
  void theDelayDoublesUpToTheLongest() {
    assertThat(delaysMs(1, 1, 2, 3, 4, 5, 6, 7, 8, 9))
        .containsExactly(10L, 20L, 40L, 80L, 160L, 320L, 640L, 1_000L, 1_000L);
  }

  @Test
  void itStaysTheLongestHoweverOftenItFails() {
    assertThat(delaysMs(1, 63, 64, 65, 1_000_000, Integer.MAX_VALUE)).containsOnly(1_000L);
  }

  @Test
  void chanceShortensItByUpToAHalf() {
    assertThat(delaysMs(0, 1, 2, 20)).containsExactly(5L, 10L, 500L);
    assertThat(delaysMs(0.5, 1, 2, 20)).containsExactly(7L, 15L, 750L);
  }
}
