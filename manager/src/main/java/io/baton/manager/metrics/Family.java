package io.baton.manager.metrics;

import io.baton.service.metrics.MetricDefinition;
import io.baton.service.metrics.MetricType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A metric with its series. A metric whose type or labels change is another one of these. */
final class Family {
  private MetricDefinition definition;
  private final Map<List<String>, SeriesSum> series = new HashMap<>();

  /** Living workers that have declared this metric. */
  private int reporters;

  Family(MetricDefinition definition) {
    this.definition = definition;
  }

  MetricDefinition definition() {
    return definition;
  }

  Map<List<String>, SeriesSum> series() {
    return series;
  }

  /** Returns whether sums go on under this definition; only the help text may be another. */
  boolean fits(MetricDefinition other) {
    return definition.type() == other.type() && definition.labels().equals(other.labels());
  }

  void declared(MetricDefinition newest) {
    definition = newest;
    reporters++;
  }

  void dropped() {
    reporters--;
  }

  boolean isGauge() {
    return definition.type() == MetricType.GAUGE;
  }

  /** Returns whether there is nothing to show, now and before a worker declares it again. */
  boolean isOver() {
    return reporters == 0 && series.isEmpty();
  }

  MetricView view() {
    return new MetricView(definition, series.values().stream().map(SeriesSum::view).toList());
  }
}
