package io.baton.service.metrics;

/** An amount that goes up and down. Any thread; no method takes a lock. */
public interface Gauge {

  /**
   * Sets this worker's amount.
   *
   * @throws IllegalArgumentException if it is not a finite number
   * @throws IllegalStateException if the metric has labels and this is not a series of it
   */
  void set(double amount);

  /**
   * Adds to this worker's amount.
   *
   * @param more negative to subtract
   * @throws IllegalArgumentException if it is not a finite number
   * @throws IllegalStateException if the metric has labels and this is not a series of it
   */
  void add(double more);

  /**
   * Returns the series with these label values, to be kept where it is used often.
   *
   * @param values one for each label, in their order; more than {@value
   *     MetricDefinition#MAX_LABEL_BYTES} bytes of UTF-8 are cut off
   * @throws IllegalArgumentException if there are more or fewer values than labels
   */
  Gauge with(String... values);
}
