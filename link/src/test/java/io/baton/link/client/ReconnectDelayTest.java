package io.baton.link.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ReconnectDelayTest {
  @Test
  void theFirstAttemptIsMadeAtOnce() {
    assertThat(ReconnectDelay.nanos(0, 1, 0)).isZero();
  }

  @Test
  void theSpanDoublesFrom50MillisecondsTo5Seconds() {
    assertThat(ReconnectDelay.nanos(1, 1, 0)).isEqualTo(Duration.ofMillis(50).toNanos());
    assertThat(ReconnectDelay.nanos(2, 1, 0)).isEqualTo(Duration.ofMillis(100).toNanos());
    assertThat(ReconnectDelay.nanos(7, 1, 0)).isEqualTo(Duration.ofMillis(3_200).toNanos());
    assertThat(ReconnectDelay.nanos(8, 1, 0)).isEqualTo(Duration.ofSeconds(5).toNanos());
    assertThat(ReconnectDelay.nanos(Integer.MAX_VALUE, 1, 0))
        .isEqualTo(Duration.ofSeconds(5).toNanos());
  }

  @Test
  void allOfTheSpanIsRandom() {
    assertThat(ReconnectDelay.nanos(3, 0, 0)).isZero();
    assertThat(ReconnectDelay.nanos(3, 0.5, 0)).isEqualTo(Duration.ofMillis(100).toNanos());
  }

  @Test
  void whatTheServerAskedForIsAdded() {
    assertThat(ReconnectDelay.nanos(1, 1, 3_000)).isEqualTo(Duration.ofMillis(3_050).toNanos());
    assertThat(ReconnectDelay.nanos(1, 1, Long.MAX_VALUE)).isEqualTo(Long.MAX_VALUE);
    assertThat(ReconnectDelay.nanos(1, 0, -7)).isZero();
  }
}
