package io.baton.service.metrics;

/** The types of metrics. */
public enum MetricType {
  /** A count of events. */
  COUNTER("counter"),
  /** A sum of times, counted in nanoseconds and shown in seconds; no module has one. */
  TIME("counter"),
  /** An amount that goes up and down. */
  GAUGE("gauge"),
  /** A distribution of durations. */
  HISTOGRAM("histogram");

  private final String word;

  MetricType(String word) {
    this.word = word;
  }

  /** Returns the name of the type in Prometheus. */
  public String word() {
    return word;
  }

  boolean isInSeconds() {
    return this == TIME || this == HISTOGRAM;
  }
}
