package io.baton.link.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ReconnectDelayTest {
  @Test
  void theFirstAttemptIsMadeAtOnce() {
    assertThat(Connector.delayNanos(0, 1, 0)).isZero();
  }

  @Test
  void theSpanDoublesFrom50MillisecondsTo5Seconds() {
    assertThat(Connector.delayNanos(1, 1, 0)).isEqualTo(Duration.ofMillis(50).toNanos());
    assertThat(Connector.delayNanos(2, 1, 0)).isEqualTo(Duration.ofMillis(100).toNanos());
    assertThat(Connector.delayNanos(7, 1, 0)).isEqualTo(Duration.ofMillis(3_200).toNanos());
    assertThat(Connector.delayNanos(8, 1, 0)).isEqualTo(Duration.ofSeconds(5).toNanos());
    assertThat(Connector.delayNanos(Integer.MAX_VALUE, 1, 0))
        .isEqualTo(Duration.ofSeconds(5).toNanos());
  }

  @Test
  void allOfTheSpanIsRandom() {
    assertThat(Connector.delayNanos(3, 0, 0)).isZero();
    assertThat(Connector.delayNanos(3, 0.5, 0)).isEqualTo(Duration.ofMillis(100).toNanos());
  }

  @Test
  void whatTheServerAskedForIsAdded() {
    assertThat(Connector.delayNanos(1, 1, 3_000)).isEqualTo(Duration.ofMillis(3_050).toNanos());
    assertThat(Connector.delayNanos(1, 1, Long.MAX_VALUE)).isEqualTo(Long.MAX_VALUE);
    assertThat(Connector.delayNanos(1, 0, -7)).isZero();
  }
}
