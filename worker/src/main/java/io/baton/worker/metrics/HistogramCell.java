package io.baton.worker.metrics;

import io.baton.pipe.HistogramBuckets;
import io.baton.service.metrics.Histogram;
import java.util.concurrent.atomic.AtomicLongArray;

/** A series of a module's histogram. */
final class HistogramCell implements Histogram, SeriesState.DurationSums {
  private static final int NANOS = HistogramBuckets.COUNT;

  private final SeriesMap<Histogram> siblings;

  /** The buckets, and behind them the sum of the durations. */
  private final AtomicLongArray sums = new AtomicLongArray(HistogramBuckets.COUNT + 1);

  private HistogramCell(SeriesMap<Histogram> siblings) {
    this.siblings = siblings;
  }

  /** Returns a metric: its only series, or with labels what leads to its series. */
  static Histogram of(SeriesMap.Site site) {
    SeriesMap<Histogram> map =
        new SeriesMap<>(
            site, HistogramCell::new, cell -> SeriesState.histogram((HistogramCell) cell));
    return map.isLabelled() ? new Labelled(map) : map.of();
  }

  @Override
  public void recordNanos(long nanos) {
    long its = Math.max(0, nanos);
    sums.getAndAdd(NANOS, its); // first, so that a mean is never too low for the count
    sums.getAndIncrement(HistogramBuckets.of(its));
  }

  @Override
  public Histogram with(String... values) {
    return siblings.of(values);
  }

  @Override
  public long count(int bucket) {
    return sums.get(bucket);
  }

  @Override
  public long nanos() {
    return sums.get(NANOS);
  }

  private record Labelled(SeriesMap<Histogram> series) implements Histogram {
    @Override
    public void recordNanos(long nanos) {
      throw series.unlabelled();
    }

    @Override
    public Histogram with(String... values) {
      return series.of(values);
    }
  }
}
