package io.baton.manager.metrics;

import io.baton.service.metrics.MetricDefinition;
import java.util.List;

/**
 * A metric as it is now.
 *
 * @param series at least one
 */
public record MetricView(MetricDefinition definition, List<SeriesView> series) {
  public MetricView {
    series = List.copyOf(series);
  }

  /**
   * A series of a metric.
   *
   * @param labels values of the labels
   * @param count events, nanoseconds of a sum of times, or the sum of a histogram's durations in
   *     nanoseconds
   * @param amount of a gauge
   * @param buckets numbers of durations in each bucket of a histogram
   */
  public record SeriesView(List<String> labels, long count, double amount, List<Long> buckets) {}
}
