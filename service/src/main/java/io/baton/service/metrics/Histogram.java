package io.baton.service.metrics;

import java.time.Duration;

/**
 * A distribution of durations, in buckets of up to 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250
 * and 500 milliseconds, 1, 2.5, 5 and 10 seconds, and one for what takes longer. Any thread;
 * recording takes no lock.
 */
public interface Histogram {

  /**
   * Records one duration.
   *
   * @param nanos in nanoseconds; a negative one counts as 0
   * @throws IllegalStateException if the metric has labels and this is not a series of it
   */
  void recordNanos(long nanos);

  /**
   * Records one duration, as {@link #recordNanos}.
   *
   * @throws ArithmeticException if it is more than 292 years
   */
  default void record(Duration duration) {
    recordNanos(duration.toNanos());
  }

  /**
   * Returns the series with these label values, to be kept where it is used often.
   *
   * @param values one for each label, in their order; more than {@value
   *     MetricDefinition#MAX_LABEL_BYTES} bytes of UTF-8 are cut off
   * @throws IllegalArgumentException if there are more or fewer values than labels
   */
  Histogram with(String... values);
}
