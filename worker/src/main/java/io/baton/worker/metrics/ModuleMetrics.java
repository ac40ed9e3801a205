package io.baton.worker.metrics;

import io.baton.service.metrics.Counter;
import io.baton.service.metrics.Gauge;
import io.baton.service.metrics.Histogram;
import io.baton.service.metrics.MetricDefinition;
import io.baton.service.metrics.MetricType;
import io.baton.service.metrics.Metrics;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The metrics of one module, under its name. Any thread. */
public final class ModuleMetrics implements Metrics {
  private final MetricsRegistry registry;
  private final String module;
  private final Map<String, Counter> counters = new ConcurrentHashMap<>();
  private final Map<String, Gauge> gauges = new ConcurrentHashMap<>();
  private final Map<String, Histogram> histograms = new ConcurrentHashMap<>();

  /**
   * @param module its name
   */
  public ModuleMetrics(MetricsRegistry registry, String module) {
    this.registry = registry;
    this.module = module;
  }

  @Override
  public Counter counter(String name, String help, String... labels) {
    SeriesMap.Site site = define(MetricType.COUNTER, name, help, labels);
    return counters.computeIfAbsent(name, _ -> CounterCell.of(site));
  }

  @Override
  public Gauge gauge(String name, String help, String... labels) {
    SeriesMap.Site site = define(MetricType.GAUGE, name, help, labels);
    return gauges.computeIfAbsent(name, _ -> GaugeCell.of(site));
  }

  @Override
  public Histogram histogram(String name, String help, String... labels) {
    SeriesMap.Site site = define(MetricType.HISTOGRAM, name, help, labels);
    return histograms.computeIfAbsent(name, _ -> HistogramCell.of(site));
  }

  private SeriesMap.Site define(MetricType type, String name, String help, String... labels) {
    MetricDefinition metric =
        new MetricDefinition(
            type, MetricDefinition.prefix(module) + name, help, Arrays.asList(labels));
    return new SeriesMap.Site(registry, registry.define(module, metric), metric);
  }
}
