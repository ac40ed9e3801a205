package io.baton.manager.metrics;

import io.baton.log.RareLine;
import io.baton.pipe.Message;
import io.baton.pipe.Message.MetricsReport;
import io.baton.pipe.MetricEntry;
import io.baton.pipe.MetricEntry.Amount;
import io.baton.pipe.MetricEntry.Count;
import io.baton.pipe.MetricEntry.Durations;
import io.baton.pipe.MetricEntry.Metric;
import io.baton.pipe.MetricEntry.Series;
import io.baton.pipe.OwnMetrics;
import io.baton.service.metrics.MetricDefinition;
import io.baton.service.metrics.MetricType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sums of what workers report, by metric and series. What a counter or a histogram has counted
 * stays when its worker dies; what a worker has set a gauge to goes with it.
 *
 * <p>There are at most {@value #MAX_SERIES} series. Beyond that those that no living worker has are
 * forgotten; if there are none of these, further series are not shown, which is counted and logged.
 * The manager's thread only.
 */
public final class MetricSums {
  static final int MAX_SERIES = 16_384;

  private static final Logger LOG = LoggerFactory.getLogger(MetricSums.class);

  private final int maxSeries;
  private final Map<String, Family> families = new TreeMap<>();
  private final Map<Long, Reporter> reporters = new HashMap<>();
  private final RareLine full = new RareLine(System::nanoTime);
  private int size;

  /** The server's own count of series that are not shown. */
  private final SeriesSum dropped;

  /** Sums of nothing. */
  public MetricSums() {
    this(MAX_SERIES);
  }

  MetricSums(int maxSeries) {
    this.maxSeries = maxSeries;
    Family family = family(OwnMetrics.SERIES_DROPPED);
    dropped = series(family, List.of());
    family.declared(OwnMetrics.SERIES_DROPPED); // by this object, for as long as it lives
    dropped.declared();
  }

  /** What a worker has declared, in the order of its numbers. */
  private static final class Reporter {
    private final List<Family> metrics = new ArrayList<>();
    private final List<SeriesSum> series = new ArrayList<>();
    private final Set<String> names = new HashSet<>();
    private final Set<Series> declared = new HashSet<>();
  }

  /** A report that cannot be. */
  private static final class NonsenseException extends Exception {
    private static final long serialVersionUID = 1;

    NonsenseException(String what) {
      super(what, null, false, false);
    }
  }

  /**
   * Adds what a worker reports.
   *
   * @return what is wrong with it; empty if it can be
   */
  public String add(long worker, MetricsReport report) {
    Reporter from = reporters.computeIfAbsent(worker, _ -> new Reporter());
    try {
      for (MetricEntry entry : report.entries()) {
        add(worker, from, entry);
      }
      return "";
    } catch (NonsenseException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private void add(long worker, Reporter from, MetricEntry entry) throws NonsenseException {
    switch (entry) {
      case Metric(MetricDefinition definition) -> define(from, definition);
      case Series its -> declare(from, its);
      case Count its ->
          reported(from, its.series(), MetricType.COUNTER, MetricType.TIME).add(its.more());
      case Amount its -> reported(from, its.series(), MetricType.GAUGE).set(worker, its.amount());
      case Durations its -> reported(from, its.series(), MetricType.HISTOGRAM).add(its);
    }
  }

  private void define(Reporter from, MetricDefinition metric) throws NonsenseException {
    require(from.metrics.size() < Message.MAX_METRICS, "declared too many metrics");
    require(from.names.add(metric.name()), "declared the metric " + metric.name() + " twice");
    require(OwnMetrics.allows(metric), "declared " + metric + ", which is not Baton's");
    Family family = family(metric);
    family.declared(metric);
    from.metrics.add(family);
  }

  private Family family(MetricDefinition metric) {
    Family known = families.get(metric.name());
    if (known != null && known.fits(metric)) {
      return known;
    }
    if (known != null) {
      LOG.info(
          "metric {} is a {} with labels {} from now on; what was counted as a {} with labels {}"
              + " is forgotten",
          metric.name(),
          metric.type().word(),
          metric.labels(),
          known.definition().type().word(),
          known.definition().labels());
      size -= known.series().size();
    }
    Family fresh = new Family(metric);
    families.put(metric.name(), fresh);
    return fresh;
  }

  private void declare(Reporter from, Series its) throws NonsenseException {
    require(its.metric() < from.metrics.size(), "declared a series of no metric");
    require(from.series.size() < Message.MAX_METRIC_SERIES, "declared too many series");
    require(from.declared.add(its), "declared a series twice");
    Family family = from.metrics.get(its.metric());
    require(
        its.labels().size() == family.definition().labels().size(),
        "declared a series of %s with values %s".formatted(family.definition(), its.labels()));
    SeriesSum sum = series(family, its.labels());
    sum.declared();
    from.series.add(sum);
  }

  private SeriesSum series(Family family, List<String> labels) {
    SeriesSum known = family.series().get(labels);
    if (known != null) {
      return known;
    }
    SeriesSum fresh = new SeriesSum(family, labels);
    if (isShown(family)) {
      if (size >= maxSeries) {
        sweep();
      }
      if (size >= maxSeries) {
        drop(family);
        return fresh; // nobody sees it
      }
      size++;
    }
    family.series().put(labels, fresh);
    return fresh;
  }

  /** Returns whether no newer definition has taken its place. */
  private boolean isShown(Family family) {
    return family.equals(families.get(family.definition().name()));
  }

  private void sweep() {
    for (Family family : families.values()) {
      int before = family.series().size();
      family.series().values().removeIf(series -> !series.isReported());
      size -= before - family.series().size();
    }
  }

  private void drop(Family family) {
    dropped.add(1);
    long times = full.due();
    if (times > 0) {
      LOG.warn(
          "metrics have {} series, and there is no room for more: {} of {} and others are not shown;"
              + " is a label's value chosen by clients?",
          size,
          times,
          family.definition().name());
    }
  }

  private static SeriesSum reported(Reporter from, int number, MetricType... types)
      throws NonsenseException {
    require(number < from.series.size(), "reported a series that it has not declared");
    SeriesSum its = from.series.get(number);
    MetricType type = its.family().definition().type();
    require(List.of(types).contains(type), "reported another value than one of a " + type.word());
    return its;
  }

  private static void require(boolean holds, String what) throws NonsenseException {
    if (!holds) {
      throw new NonsenseException(what);
    }
  }

  /** Forgets what a worker that is dead has declared; what it has counted stays. */
  public void drop(long worker) {
    Reporter from = reporters.remove(worker);
    if (from == null) {
      return;
    }
    for (SeriesSum series : from.series) {
      series.dropped(worker);
      Family family = series.family();
      if (family.isGauge() && !series.isReported()) {
        SeriesSum removed = family.series().remove(series.labels());
        size -= removed != null && isShown(family) ? 1 : 0;
      }
    }
    from.metrics.forEach(Family::dropped);
    families.values().removeIf(Family::isOver);
  }

  /** Returns all metrics that have series, by name. */
  public List<MetricView> view() {
    return families.values().stream()
        .filter(family -> !family.series().isEmpty())
        .map(Family::view)
        .toList();
  }
}
