package io.baton.manager.metrics;

import io.baton.manager.metrics.MetricView.SeriesView;
import io.baton.pipe.HistogramBuckets;
import io.baton.pipe.MetricEntry.Durations;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The sum of one series over all workers that have it or had it. */
final class SeriesSum {
  private final Family family;
  private final List<String> labels;
  private long count;
  private final long[] buckets;

  /** By worker; of a gauge only. */
  private final Map<Long, Double> amounts = new HashMap<>(0);

  /** Living workers that have this series. */
  private int reporters;

  SeriesSum(Family family, List<String> labels) {
    this.family = family;
    this.labels = labels;
    this.buckets =
        switch (family.definition().type()) {
          case HISTOGRAM -> new long[HistogramBuckets.COUNT];
          case COUNTER, TIME, GAUGE -> new long[0];
        };
  }

  Family family() {
    return family;
  }

  List<String> labels() {
    return labels;
  }

  void add(long more) {
    count = sum(count, more);
  }

  void add(Durations more) {
    add(more.nanos());
    for (int i = 0; i < buckets.length; i++) {
      buckets[i] = sum(buckets[i], more.buckets().get(i));
    }
  }

  void set(long worker, double amount) {
    amounts.put(worker, amount);
  }

  void declared() {
    reporters++;
  }

  /** A worker that has it is dead. */
  void dropped(long worker) {
    amounts.remove(worker);
    reporters--;
  }

  boolean isReported() {
    return reporters > 0;
  }

  SeriesView view() {
    double amount = amounts.values().stream().mapToDouble(Double::doubleValue).sum();
    return new SeriesView(labels, count, amount, Arrays.stream(buckets).boxed().toList());
  }

  /** Of counts that are not negative. */
  private static long sum(long a, long b) {
    long sum = a + b;
    return sum < 0 ? Long.MAX_VALUE : sum;
  }
}
