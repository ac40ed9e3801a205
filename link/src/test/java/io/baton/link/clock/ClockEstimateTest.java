package io.baton.link.clock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ClockEstimateTest {
  private final ClockEstimate estimate = new ClockEstimate();

  @Test
  void firstQuestionIsAskedAtOnceThenSixteenQuicklyAndTheOthersSlowly() {
    assertThat(estimate.nextAt(-7)).isEqualTo(-7);
    long now = 1_000;
    for (int i = 1; i < ClockEstimate.BURST; i++) {
      estimate.asked(now);
      assertThat(estimate.nextAt(now)).isEqualTo(now + ClockEstimate.BURST_INTERVAL_NS);
      now = estimate.nextAt(now);
    }
    estimate.asked(now);
    assertThat(estimate.nextAt(now)).isEqualTo(now + ClockEstimate.INTERVAL_NS);
  }

  @Test
  void stepOfTheClockIsCountedAndAskedAboutQuickly() {
    for (long now = 0; now < ClockEstimate.BURST; now++) {
      exchange(now * 1_000, 500);
    }
    assertThat(estimate.reading().offset()).isBetween(490L, 510L);
    exchange(20_000, 1_000_000);
    assertThat(estimate.reading().steps()).isEqualTo(1);
    assertThat(estimate.reading().samples()).isEqualTo(1);
    assertThat(estimate.reading().offset()).isBetween(999_990L, 1_000_010L);
    assertThat(estimate.nextAt(20_010)).isEqualTo(20_000 + ClockEstimate.BURST_INTERVAL_NS);
  }

  @Test
  void answerIsUsedOnceAndOnlyIfItIsToOneOfTheLastQuestions() {
    for (int i = 0; i <= ClockEstimate.MAX_OPEN; i++) {
      estimate.asked(i);
    }
    assertThat(estimate.answered(0, 5, 5, 10)).as("forgotten").isFalse();
    assertThat(estimate.answered(1, 5, 5, 10)).isTrue();
    assertThat(estimate.answered(1, 5, 5, 10)).as("again").isFalse();
    assertThat(estimate.answered(77, 5, 5, 10)).as("not asked").isFalse();
    assertThat(estimate.reading().samples()).isEqualTo(1);
  }

  @Test
  void questionAndAnswerAtTheSameTimeLeaveNoDoubt() {
    estimate.asked(5);
    assertThat(estimate.answered(5, 105, 105, 5)).isTrue();
    assertThat(estimate.reading().offset()).isEqualTo(100);
    assertThat(estimate.reading().bound(5)).isZero();
    assertThat(estimate.reading().bound(1_000_005)).isEqualTo(250);
  }

  @Test
  void savedBytesOfAnotherLengthOrWithContradictionsAreRefused() {
    assertThatThrownBy(() -> ClockEstimate.restore(new byte[3]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("3 bytes");
    byte[] saved = estimate.save();
    saved[9] = -1; // Questions left to ask quickly.
    assertThatThrownBy(() -> ClockEstimate.restore(saved)).hasMessageContaining("contradicts");
    assertThatThrownBy(() -> new ClockEstimate(Double.NaN)).hasMessageContaining("NaN");
  }

  @Test
  void clockOfUsersIsEmptyUntilTheFirstAnswerAndTheBoundGrowsWithTime() {
    AtomicLong now = new AtomicLong(1_000);
    SampledClock clock = new SampledClock(estimate, now::get);
    assertThat(clock.offset()).isEmpty();
    assertThat(clock.bound()).isEmpty();
    assertThat(clock.drift()).isZero();
    assertThatThrownBy(() -> clock.toPeer(1)).isInstanceOf(IllegalStateException.class);
    assertThat(clock.nextAt()).isEqualTo(1_000);
    long t1 = clock.ask();
    now.set(3_000);
    clock.answered(t1, 52_000, 52_000);
    assertThat(clock.offset()).hasValue(50_000);
    assertThat(clock.bound()).hasValue(1_001);
    assertThat(clock.toPeer(7)).isEqualTo(50_007);
    now.addAndGet(4_000_000);
    assertThat(clock.bound()).hasValue(2_001);
    SampledClock restored = new SampledClock(ClockEstimate.restore(clock.save()), now::get);
    assertThat(restored.reading()).isEqualTo(clock.reading());
    assertThat(restored.offset()).hasValue(50_000);
  }

  /** An exchange of ten nanoseconds, while the other clock is ahead by so much. */
  private void exchange(long now, long ahead) {
    estimate.asked(now);
    assertThat(estimate.answered(now, now + 5 + ahead, now + 5 + ahead, now + 10)).isTrue();
  }

  @Test
  void anEstimateThatIsRestoredWhereTheClockIsEarlierAsksAtOnceAndTakesAStep() {
    ClockEstimate there = new ClockEstimate();
    there.asked(1_000_000_000_000L);
    there.answered(1_000_000_000_000L, 500, 600, 1_000_000_001_000L);
    ClockEstimate here = ClockEstimate.restore(there.save());
    assertThat(here.nextAt(5_000)).isEqualTo(5_000);
    here.asked(5_000);
    assertThat(here.answered(5_000, 10_500, 10_600, 6_000)).isTrue();
    assertThat(here.reading().steps()).isEqualTo(1);
    assertThat(here.reading().offset()).isBetween(4_500L, 5_600L);
  }
}
