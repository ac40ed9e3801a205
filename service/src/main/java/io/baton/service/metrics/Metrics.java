package io.baton.service.metrics;

/**
 * The metrics of a module, shown in {@code /metrics} and in {@code bin/status --json} as one sum
 * over all workers. Counts survive reloads and the deaths of workers: they never go back while the
 * server runs, except that a worker that is killed takes what it has counted within the last {@code
 * worker.latency-interval} with it.
 *
 * <p><b>Names.</b> A metric is shown as {@code <module>_<name>}, a counter with {@code _total} at
 * its end. Names consist of lower-case letters, digits and underscores and begin with a letter. The
 * unit belongs into the name ({@code queue_bytes}), in base units: seconds, bytes; a histogram's
 * name ends with {@code _seconds}.
 *
 * <p><b>Labels.</b> Each combination of label values is a series of its own that costs memory in
 * each worker, in the manager and in Prometheus, for as long as the server runs. Values that
 * clients choose, such as user names, do not belong into labels. A metric has at most {@value
 * MetricDefinition#MAX_SERIES} series per worker; what further combinations count is lost. That is
 * logged once per metric, and {@code baton_metrics_series_dropped_total} counts how often it
 * happened.
 *
 * <p><b>Errors.</b> A method throws {@link IllegalArgumentException} for a name, help text or label
 * that is not allowed, for a name that is taken by a metric with another type, help text or labels,
 * and beyond {@value MetricDefinition#MAX_METRICS} metrics of a module. Thrown out of {@link
 * io.baton.service.Module#start} it keeps the worker from coming up. The same metric asked for
 * again is the same object.
 *
 * <p><b>Threading.</b> Any thread, at any time.
 */
public interface Metrics {

  /**
   * Returns a count of events, which only grows.
   *
   * @param name without the module's name and without {@code _total}, for example {@code
   *     logins_failed}
   * @param help what is counted, in one line
   * @param labels names of the labels; none: the metric is a single series
   */
  Counter counter(String name, String help, String... labels);

  /**
   * Returns an amount that goes up and down. What is shown is the sum of what all living workers
   * have set.
   *
   * @param name without the module's name, for example {@code rooms}
   * @param help what is measured, in one line
   * @param labels names of the labels; none: the metric is a single series
   */
  Gauge gauge(String name, String help, String... labels);

  /**
   * Returns a distribution of durations.
   *
   * @param name without the module's name, ending with {@code _seconds}, for example {@code
   *     query_seconds}
   * @param help what takes this long, in one line
   * @param labels names of the labels; none: the metric is a single series
   */
  Histogram histogram(String name, String help, String... labels);
}
