package io.baton.worker.metrics;

import io.baton.pipe.Message;
import io.baton.pipe.Message.MetricsReport;
import io.baton.pipe.MetricEntry;
import io.baton.pipe.OwnMetrics;
import io.baton.service.metrics.MetricDefinition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The metrics of this worker and what of them the manager has not been told. Metrics and series are
 * added by any thread, under a lock; nothing that counts takes it. Reports are made by the event
 * loop, and by nobody else.
 */
public final class MetricsRegistry {
  private static final String OWN = "Baton";

  private static final Logger LOG = LoggerFactory.getLogger(MetricsRegistry.class);

  private final Map<String, Registered> byName = new HashMap<>();

  /** In the order of their numbers. */
  private final List<SeriesState> series = new ArrayList<>();

  /** In the order of their numbers; what is declared is never forgotten. */
  private final List<MetricDefinition> metrics = new ArrayList<>();

  private final AtomicLong dropped = new AtomicLong();

  /** Metrics of which the log says that they get no further series. */
  private final Set<String> complained = new HashSet<>();

  // Of the event loop.

  private int metricsTold;
  private final List<SeriesState> told = new ArrayList<>();

  private record Registered(int number, String owner, MetricDefinition definition) {}

  /** A registry that counts the series that it does not take. */
  public MetricsRegistry() {
    add(OwnMetrics.SERIES_DROPPED, List.of(), () -> SeriesState.counter(dropped::get));
  }

  /**
   * Defines a metric of a module.
   *
   * @param owner the module
   * @return its number; that of before, if the same module has defined the same metric
   * @throws IllegalArgumentException if the name is taken, or there are too many metrics
   */
  synchronized int define(String owner, MetricDefinition metric) {
    Registered other = byName.get(metric.name());
    if (other == null) {
      return register(owner, metric);
    }
    if (!other.owner.equals(owner)) {
      throw new IllegalArgumentException(
          "the metric name %s is taken by the module %s".formatted(metric.name(), other.owner));
    }
    metric.requireSame(other.definition);
    return other.number;
  }

  private int register(String owner, MetricDefinition metric) {
    long its = byName.values().stream().filter(each -> each.owner.equals(owner)).count();
    if ((its >= MetricDefinition.MAX_METRICS && !owner.equals(OWN))
        || metrics.size() >= Message.MAX_METRICS) {
      throw new IllegalArgumentException(
          "metric %s: the module %s has %d metrics, of at most %d, and all have at most %d"
              .formatted(
                  metric.name(), owner, its, MetricDefinition.MAX_METRICS, Message.MAX_METRICS));
    }
    int number = metrics.size();
    metrics.add(metric);
    byName.put(metric.name(), new Registered(number, owner, metric));
    return number;
  }

  /**
   * Adds a series of Baton itself, unless there are too many. The number of these is bounded by the
   * configuration.
   */
  public synchronized void add(
      MetricDefinition metric, List<String> labels, Supplier<SeriesState> state) {
    boolean _ = add(define(OWN, metric), metric.series(labels.toArray(String[]::new)), state);
  }

  /**
   * Adds a series.
   *
   * @return false if there are too many
   */
  synchronized boolean add(int metric, List<String> labels, Supplier<SeriesState> state) {
    if (series.size() >= Message.MAX_METRIC_SERIES) {
      drop(metrics.get(metric), "this worker has " + series.size());
      return false;
    }
    series.add(state.get().at(metric, labels));
    return true;
  }

  /** A metric got no further series. */
  synchronized void drop(MetricDefinition metric, String why) {
    dropped.incrementAndGet();
    if (complained.add(metric.name())) {
      LOG.warn(
          "metric {} gets no further series, because {}; what they count is lost: is a label's"
              + " value chosen by clients?",
          metric.name(),
          why);
    }
  }

  // ---- reports, on the event loop ----

  /** Returns reports of all that is new or has changed since the last call; mostly one, or none. */
  public List<MetricsReport> take() {
    List<MetricEntry> entries = new ArrayList<>();
    declare(entries);
    for (int number = 0; number < told.size(); number++) {
      MetricEntry change = told.get(number).change(number);
      if (change != null) {
        entries.add(change);
      }
    }
    List<MetricsReport> reports = new ArrayList<>();
    for (int from = 0; from < entries.size(); from += Message.MAX_METRIC_ENTRIES) {
      int to = Math.min(entries.size(), from + Message.MAX_METRIC_ENTRIES);
      reports.add(new MetricsReport(entries.subList(from, to)));
    }
    return reports;
  }

  private synchronized void declare(List<MetricEntry> to) {
    for (; metricsTold < metrics.size(); metricsTold++) {
      to.add(new MetricEntry.Metric(metrics.get(metricsTold)));
    }
    while (told.size() < series.size()) {
      SeriesState its = series.get(told.size());
      to.add(new MetricEntry.Series(its.metric(), its.labels()));
      told.add(its);
    }
  }
}
