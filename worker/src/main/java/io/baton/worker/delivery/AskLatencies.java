package io.baton.worker.delivery;

import io.baton.pipe.HistogramBuckets;
import io.baton.worker.metrics.SeriesState.DurationSums;

/** How long asks took. Event loop only. */
final class AskLatencies implements DurationSums {
  private final long[] counts = new long[HistogramBuckets.COUNT];
  private long nanos;

  void add(long itsNanos) {
    counts[HistogramBuckets.of(itsNanos)]++;
    nanos += itsNanos;
  }

  @Override
  public long count(int bucket) {
    return counts[bucket];
  }

  @Override
  public long nanos() {
    return nanos;
  }
}
