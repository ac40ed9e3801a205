package io.baton.pipe;

import io.baton.service.metrics.MetricDefinition;
import java.util.List;

/**
 * One piece of a {@link Message.MetricsReport}. A worker declares a metric before its series and a
 * series before its values, each once; both are numbered from 0 in the order of their declarations.
 */
public sealed interface MetricEntry {

  /** Declares a metric. */
  record Metric(MetricDefinition definition) implements MetricEntry {}

  /**
   * Declares a series, whose values begin with 0.
   *
   * @param metric number of its metric
   * @param labels values of the labels, as many as the metric has
   */
  record Series(int metric, List<String> labels) implements MetricEntry {
    public Series {
      labels = List.copyOf(labels);
    }
  }

  /**
   * Adds to a series of a counter, or of a sum of times.
   *
   * @param series its number
   * @param more events or nanoseconds since the last such entry, not negative
   */
  record Count(int series, long more) implements MetricEntry {}

  /**
   * Sets a worker's amount in a series of a gauge.
   *
   * @param series its number
   * @param amount finite
   */
  record Amount(int series, double amount) implements MetricEntry {}

  /**
   * Adds to a series of a histogram.
   *
   * @param series its number
   * @param nanos sum of the durations since the last such entry, not negative
   * @param buckets numbers of durations since the last such entry, one for each of {@link
   *     HistogramBuckets}
   */
  record Durations(int series, long nanos, List<Long> buckets) implements MetricEntry {
    public Durations {
      buckets = List.copyOf(buckets);
    }
  }
}
