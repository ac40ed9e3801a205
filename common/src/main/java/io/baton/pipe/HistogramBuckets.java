package io.baton.pipe;

/** The buckets of all histograms of durations. */
public final class HistogramBuckets {
  private static final long[] BOUNDS_NANOS = {
    100_000L,
    250_000L,
    500_000L,
    1_000_000L,
    2_500_000L,
    5_000_000L,
    10_000_000L,
    25_000_000L,
    50_000_000L,
    100_000_000L,
    250_000_000L,
    500_000_000L,
    1_000_000_000L,
    2_500_000_000L,
    5_000_000_000L,
    10_000_000_000L
  };

  /** Number of buckets, with the last one, which has no bound. */
  public static final int COUNT = BOUNDS_NANOS.length + 1;

  private HistogramBuckets() {}

  /** Returns the number of the bucket that a duration falls into: the first that is not shorter. */
  public static int of(long nanos) {
    int bucket = 0;
    while (bucket < BOUNDS_NANOS.length && nanos > BOUNDS_NANOS[bucket]) {
      bucket++;
    }
    return bucket;
  }

  /** Returns the longest duration of a bucket, in seconds; infinity for the last one. */
  public static double boundSeconds(int bucket) {
    return bucket == BOUNDS_NANOS.length ? Double.POSITIVE_INFINITY : BOUNDS_NANOS[bucket] / 1e9;
  }
}
