package io.baton.worker.metrics;

import io.baton.pipe.HistogramBuckets;
import io.baton.pipe.MetricEntry;
import io.baton.pipe.MetricEntry.Amount;
import io.baton.pipe.MetricEntry.Count;
import io.baton.pipe.MetricEntry.Durations;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A series and how much of it the manager was told. Whoever counts keeps sums since the worker's
 * start; their differences are what is reported. Event loop only.
 */
public abstract sealed class SeriesState {
  private int metric;
  private List<String> labels = List.of();

  private SeriesState() {}

  /** Returns the series of a counter or of a sum of times, which never goes back. */
  public static SeriesState counter(LongSupplier sum) {
    return new OfCounter(sum);
  }

  /** Returns the series of a gauge. */
  public static SeriesState gauge(DoubleSupplier amount) {
    return new OfGauge(amount);
  }

  /** Returns the series of a histogram. */
  public static SeriesState histogram(DurationSums sums) {
    return new OfHistogram(sums);
  }

  /** The sums of a histogram, none of which goes back. */
  public interface DurationSums {
    /** Returns how many durations a bucket of {@link HistogramBuckets} has. */
    long count(int bucket);

    /** Returns the sum of all durations, in nanoseconds. */
    long nanos();
  }

  SeriesState at(int itsMetric, List<String> itsLabels) {
    metric = itsMetric;
    labels = itsLabels;
    return this;
  }

  int metric() {
    return metric;
  }

  List<String> labels() {
    return labels;
  }

  /** Returns what has changed since the last call; null if nothing has. */
  abstract @Nullable MetricEntry change(int number);

  private static final class OfCounter extends SeriesState {
    private final LongSupplier sum;
    private long told;

    OfCounter(LongSupplier sum) {
      this.sum = sum;
    }

    @Override
    @Nullable MetricEntry change(int number) {
      long now = sum.getAsLong();
      long more = now - told;
      if (more <= 0) { // a sum that goes back is not one; what is beyond 63 bits is not told
        return null;
      }
      told = now;
      return new Count(number, more);
    }
  }

  private static final class OfGauge extends SeriesState {
    private final DoubleSupplier amount;
    private double told;

    OfGauge(DoubleSupplier amount) {
      this.amount = amount;
    }

    @Override
    @Nullable MetricEntry change(int number) {
      double now = amount.getAsDouble();
      if (now == told || !Double.isFinite(now)) {
        return null;
      }
      told = now;
      return new Amount(number, now);
    }
  }

  private static final class OfHistogram extends SeriesState {
    private final DurationSums sums;
    private final long[] told = new long[HistogramBuckets.COUNT];
    private long nanosTold;

    OfHistogram(DurationSums sums) {
      this.sums = sums;
    }

    @Override
    @Nullable MetricEntry change(int number) {
      List<Long> buckets = new ArrayList<>(told.length);
      boolean any = false;
      for (int i = 0; i < told.length; i++) {
        long now = sums.count(i);
        buckets.add(now - told[i]);
        any |= now != told[i];
        told[i] = now;
      }
      if (!any) {
        return null;
      }
      long nanos = sums.nanos();
      long more = Math.max(0, nanos - nanosTold);
      nanosTold = nanos;
      return new Durations(number, more, buckets);
    }
  }
}
