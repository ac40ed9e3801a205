package io.baton.service.metrics;

/** A count of events, which only grows. Any thread; adding takes no lock. */
public interface Counter {

  /**
   * Adds events to the count.
   *
   * @param events not negative
   * @throws IllegalArgumentException if it is negative
   * @throws IllegalStateException if the metric has labels and this is not a series of it
   */
  void add(long events);

  /** Adds one event to the count. */
  default void increment() {
    add(1);
  }

  /**
   * Returns the series with these label values, to be kept where it is used often.
   *
   * @param values one for each label, in their order; more than {@value
   *     MetricDefinition#MAX_LABEL_BYTES} bytes of UTF-8 are cut off
   * @throws IllegalArgumentException if there are more or fewer values than labels
   */
  Counter with(String... values);
}
