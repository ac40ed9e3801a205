package io.baton.manager;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SessionAgesTest {
  private final SessionAges ages = new SessionAges();

  @Test
  void aSessionIsAsOldAsTheFirstSampleThatHasItsId() {
    ages.sample(0, 1_000);
    ages.sample(3, 2_000);
    ages.sample(3, 2_500);
    ages.sample(8, 3_000);
    assertThat(ages.ageMs(1, 10_000)).isEqualTo(8_000);
    assertThat(ages.ageMs(3, 10_000)).isEqualTo(8_000);
    assertThat(ages.ageMs(4, 10_000)).isEqualTo(7_000);
    assertThat(ages.ageMs(9, 10_000)).as("not sampled yet").isZero();
  }

  @Test
  void thoseOlderThanAnAgeAreThoseUpToAnId() {
    assertThat(ages.lastOlderThan(0, 10)).isZero();
    ages.sample(3, 2_000);
    ages.sample(8, 3_000);
    assertThat(ages.lastOlderThan(8_001, 10_000)).isZero();
    assertThat(ages.lastOlderThan(8_000, 10_000)).isEqualTo(3);
    assertThat(ages.lastOlderThan(7_000, 10_000)).isEqualTo(8);
    assertThat(ages.lastOlderThan(0, 10_000)).isEqualTo(8);
  }

  @Test
  void daysOfSamplesStayFewAndAgesStayTrueToAFewPercent() {
    long stepMs = 200;
    long samples = 500_000; // more than a day
    for (long i = 0; i < samples; i++) {
      ages.sample(i + 1, i * stepMs);
    }
    long nowMs = samples * stepMs;
    assertThat(ages.size()).isLessThan(4_000);
    for (long id = 1; id <= samples; id += 997) {
      long ageMs = nowMs - (id - 1) * stepMs;
      assertThat((double) ages.ageMs(id, nowMs))
          .as("the age of session %d", id)
          .isBetween(ageMs * 0.9 - 2 * stepMs, (double) ageMs);
    }
  }
}
