package io.baton.worker.metrics;

import io.baton.pipe.HistogramBuckets;

/** A histogram of durations in plain fields. Event loop only. */
public final class LoopHistogram implements SeriesState.DurationSums {
  private final long[] counts = new long[HistogramBuckets.COUNT];
  private long nanos;

  /** Records one duration; a negative one counts as 0. */
  public void record(long duration) {
    long its = Math.max(0, duration);
    counts[HistogramBuckets.of(its)]++;
    nanos += its;
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
