package io.baton.worker.metrics;

import io.baton.service.metrics.MetricDefinition;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * The series of a module's metric by the values of their labels. Any thread; a series that is there
 * already is found without a lock.
 *
 * @param <C> what counts for a series
 */
final class SeriesMap<C> {
  private final Site site;
  private final Function<SeriesMap<C>, C> maker;
  private final Function<C, SeriesState> reader;
  private final Map<List<String>, C> series = new ConcurrentHashMap<>();

  /** Counts what is lost because there are too many series. */
  private final C lost;

  /**
   * A metric where it is registered.
   *
   * @param number of the metric
   */
  record Site(MetricsRegistry registry, int number, MetricDefinition metric) {}

  /**
   * @param maker makes what counts for a series
   * @param reader reads what it has counted
   */
  SeriesMap(Site site, Function<SeriesMap<C>, C> maker, Function<C, SeriesState> reader) {
    this.site = site;
    this.maker = maker;
    this.reader = reader;
    this.lost = maker.apply(this);
  }

  /** Returns whether the metric has labels, without which nothing can be counted. */
  boolean isLabelled() {
    return !site.metric.labels().isEmpty();
  }

  /** Returns what to throw for a metric with labels that is used without their values. */
  IllegalStateException unlabelled() {
    return new IllegalStateException(site.metric.unlabelled());
  }

  /**
   * Returns the series with these values.
   *
   * @throws IllegalArgumentException if they are more or fewer than the labels
   */
  C of(String... values) {
    List<String> labels = site.metric.series(values);
    C known = series.get(labels);
    return known == null ? add(labels) : known;
  }

  private synchronized C add(List<String> labels) {
    C known = series.get(labels);
    if (known != null) {
      return known;
    }
    if (series.size() >= MetricDefinition.MAX_SERIES) {
      site.registry.drop(site.metric, "it has " + series.size());
      return lost;
    }
    C made = maker.apply(this);
    if (!site.registry.add(site.number, labels, () -> reader.apply(made))) {
      return lost;
    }
    series.put(labels, made);
    return made;
  }
}
