package io.baton.link.clock;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.testing.Seeds;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Two clocks, delays of all kinds, steps, moves and nonsense: the truth is always inside the bound.
 */
class ClockModelTest {
  private static final int EXCHANGES = 400;
  private static final long MILLISECOND = 1_000_000;

  static Stream<Long> seeds() {
    return Seeds.many(ClockModelTest.class, 5_000, 300).boxed();
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void offsetIsInsideTheBoundWhateverTheDelays(long seed) {
    new Model(seed).run();
  }

  @Test
  void boundIsAboutTheDelayAndTheDriftIsFound() {
    List<Long> bounds = new ArrayList<>();
    Stream.iterate(1L, n -> n + 1)
        .limit(50)
        .forEach(seed -> {
          Model model = new Model(seed);
          model.run();
          bounds.addAll(model.bounds);
          assertThat(model.stepsMade).as("seed %d", seed).isPositive();
        });
    long[] sorted = bounds.stream().mapToLong(Long::longValue).sorted().toArray();
    System.out.printf(
        "ClockModelTest: half width p50 %d us, p99 %d us, most %d us of %d samples%n",
        sorted[sorted.length / 2] / 1_000,
        sorted[sorted.length * 99 / 100] / 1_000,
        sorted[sorted.length - 1] / 1_000,
        sorted.length);
    assertThat(sorted[sorted.length / 2]).isLessThan(3 * MILLISECOND);
    assertThat(Arrays.stream(sorted).min().orElseThrow()).isPositive();
  }

  /** Both clocks and the way between them. */
  private static final class Model {
    private final long seed;
    private final Random random;
    private final double drift;
    private final long meanDelay;
    private final long oneSided;
    private final boolean slowToThere;
    private long offsetAtZero;
    private long here;
    private ClockEstimate estimate = new ClockEstimate();
    private long stepsMade;

    final List<Long> bounds = new ArrayList<>();
    boolean driftKnown;

    Model(long seed) {
      this.seed = seed;
      random = new Random(seed);
      // Times that wrap around in the middle of a run are times, too.
      here = random.nextInt(4) == 0 ? Long.MAX_VALUE - 1_000 * MILLISECOND : random.nextLong();
      drift = (random.nextDouble() - 0.5) * 400e-6;
      offsetAtZero = random.nextLong(-5_000, 5_000) * MILLISECOND;
      meanDelay = 1 + random.nextLong(2 * MILLISECOND);
      oneSided = random.nextBoolean() ? random.nextLong(5 * MILLISECOND) : 0;
      slowToThere = random.nextBoolean();
    }

    private long start;

    void run() {
      start = here;
      for (int i = 0; i < EXCHANGES; i++) {
        here += Math.max(0, estimate.nextAt(here) - here);
        switch (random.nextInt(40)) {
          case 0 -> step();
          case 1 -> estimate = ClockEstimate.restore(estimate.save());
          case 2 -> hostileAnswer();
          case 3 -> estimate.asked(here); // The answer is lost.
          default -> exchange();
        }
      }
    }

    private void exchange() {
      long t1 = here;
      estimate.asked(t1);
      here += delay(slowToThere);
      long t2 = here + offset(here);
      here += random.nextInt(20) == 0 ? random.nextLong(1_000 * MILLISECOND) : 1_000;
      long t3 = here + offset(here);
      here += delay(!slowToThere);
      assertThat(estimate.answered(t1, t2, t3, here)).as("seed %d", seed).isTrue();
      checkTruth(here);
      checkTruth(here + random.nextLong(60_000 * MILLISECOND));
      ClockReading reading = estimate.reading();
      bounds.add(reading.bound(here));
      assertThat(reading.steps()).as("seed %d: steps", seed).isEqualTo(stepsMade);
      if (reading.drift() != 0) {
        driftKnown = true;
        assertThat(reading.drift())
            .as("seed %d: drift", seed)
            .isBetween(drift - 11e-6, drift + 11e-6);
      } else {
        assertThat(driftKnown).as("seed %d: the drift is known", seed).isFalse();
      }
    }

    private void checkTruth(long when) {
      ClockReading reading = estimate.reading();
      assertThat(Math.abs(offset(when) - reading.offset()))
          .as("seed %d: distance of the truth, %d samples", seed, reading.samples())
          .isLessThanOrEqualTo(reading.bound(when));
    }

    private void step() {
      if (estimate.reading().isKnown() && stepsMade == estimate.reading().steps()) {
        long size = (500 + random.nextLong(10_000)) * MILLISECOND + 2 * bound();
        offsetAtZero += random.nextBoolean() ? size : -size;
        stepsMade++;
        exchange();
      }
    }

    private long bound() {
      return estimate.reading().bound(here);
    }

    private void hostileAnswer() {
      ClockReading before = estimate.reading();
      long t2 = random.nextLong();
      assertThat(estimate.answered(here - random.nextLong(1_000), t2, t2, here)).isFalse();
      estimate.asked(here);
      long end = here + random.nextLong(MILLISECOND);
      // It says to have waited for longer than the exchange took, or not to know its own clock.
      long waited = random.nextBoolean() ? -1 - random.nextLong(1_000) : 2 * MILLISECOND;
      assertThat(estimate.answered(here, t2, t2 + waited, end)).isFalse();
      assertThat(estimate.reading()).isEqualTo(before);
    }

    private long delay(boolean slow) {
      return (long) (-Math.log(1 - random.nextDouble()) * meanDelay) + (slow ? oneSided : 0);
    }

    private long offset(long when) {
      return offsetAtZero + Math.round(drift * (when - start));
    }
  }
}
