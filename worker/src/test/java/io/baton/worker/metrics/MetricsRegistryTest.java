package io.baton.worker.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.baton.pipe.HistogramBuckets;
import io.baton.pipe.Message;
import io.baton.pipe.MetricEntry;
import io.baton.pipe.MetricEntry.Amount;
import io.baton.pipe.MetricEntry.Count;
import io.baton.pipe.MetricEntry.Durations;
import io.baton.pipe.MetricEntry.Metric;
import io.baton.pipe.MetricEntry.Series;
import io.baton.pipe.OwnMetrics;
import io.baton.service.metrics.Counter;
import io.baton.service.metrics.Gauge;
import io.baton.service.metrics.Histogram;
import io.baton.service.metrics.MetricDefinition;
import io.baton.service.metrics.MetricType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

final class MetricsRegistryTest {
  private final MetricsRegistry registry = new MetricsRegistry();
  private final ModuleMetrics chat = new ModuleMetrics(registry, "chat");

  /** Number of the registry's own metric and of its series. */
  private static final int DROPPED = 0;

  private List<MetricEntry> take() {
    return registry.take().stream().flatMap(report -> report.entries().stream()).toList();
  }

  @Test
  void aMetricIsDeclaredOnceAndThenReportedWhenItHasChanged() {
    Counter joined = chat.counter("joined", "Rooms joined", "kind");
    assertThat(take())
        .containsExactly(
            new Metric(OwnMetrics.SERIES_DROPPED),
            new Metric(
                new MetricDefinition(
                    MetricType.COUNTER, "chat_joined", "Rooms joined", List.of("kind"))),
            new Series(0, List.of()));
    joined.with("open").increment();
    joined.with("open").add(2);
    assertThat(take()).containsExactly(new Series(1, List.of("open")), new Count(1, 3));
    assertThat(take()).isEmpty();
    joined.with("open").increment();
    assertThat(take()).containsExactly(new Count(1, 1));
  }

  @Test
  void aMetricWithoutLabelsIsThereBeforeItCounts() {
    chat.counter("joined", "Rooms joined");
    assertThat(take()).endsWith(new Series(1, List.of()));
  }

  @Test
  void aGaugeIsReportedAsItIs() {
    Gauge rooms = chat.gauge("rooms", "Rooms");
    rooms.set(7);
    rooms.add(-2.5);
    assertThat(take()).endsWith(new Amount(1, 4.5));
    rooms.set(4.5);
    assertThat(take()).isEmpty();
  }

  @Test
  void aHistogramIsReportedByTheDifferenceOfItsBuckets() {
    Histogram queries = chat.histogram("query_seconds", "Queries");
    queries.recordNanos(100_000);
    queries.recordNanos(-5);
    queries.recordNanos(100_001);
    queries.recordNanos(Long.MAX_VALUE / 2);
    List<Long> buckets = new ArrayList<>(Collections.nCopies(HistogramBuckets.COUNT, 0L));
    buckets.set(0, 2L);
    buckets.set(1, 1L);
    buckets.set(HistogramBuckets.COUNT - 1, 1L);
    assertThat(take()).endsWith(new Durations(1, 200_001 + Long.MAX_VALUE / 2, buckets));
    queries.recordNanos(10_000_000_000L);
    List<Long> next = new ArrayList<>(Collections.nCopies(HistogramBuckets.COUNT, 0L));
    next.set(HistogramBuckets.COUNT - 2, 1L);
    assertThat(take()).containsExactly(new Durations(1, 10_000_000_000L, next));
  }

  @Test
  void theSameMetricIsTheSameObjectAndAnotherOfItsNameIsRefused() {
    Counter joined = chat.counter("joined", "Rooms joined", "kind");
    assertThat(chat.counter("joined", "Rooms joined", "kind")).isSameAs(joined);
    assertThat(joined.with("a")).isSameAs(joined.with("a")).isSameAs(joined.with("b").with("a"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> chat.counter("joined", "Rooms joined"))
        .withMessage(
            "the metric name chat_joined is taken: it is a counter 'Rooms joined' with labels"
                + " [kind], not a counter 'Rooms joined' with labels []");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> new ModuleMetrics(registry, "Chat").counter("joined", "Rooms joined", "kind"))
        .withMessage("the metric name chat_joined is taken by the module chat");
    assertThatIllegalStateException()
        .isThrownBy(joined::increment)
        .withMessage("metric chat_joined has the labels [kind]: use with(...)");
  }

  @Test
  void furtherSeriesThanThereMayBeAreLostAndCounted() {
    Counter joined = chat.counter("joined", "Rooms joined", "user");
    for (int i = 0; i < MetricDefinition.MAX_SERIES; i++) {
      joined.with("user " + i).increment();
    }
    assertThat(take()).filteredOn(Count.class::isInstance).hasSize(MetricDefinition.MAX_SERIES);
    joined.with("one").increment();
    joined.with("another").increment();
    joined.with("user 0").increment();
    assertThat(take()).containsExactly(new Count(DROPPED, 2), new Count(1, 1));
  }

  @Test
  void aWorkerHasNoMoreSeriesThanItMayDeclare() {
    int metrics = Message.MAX_METRIC_SERIES / MetricDefinition.MAX_SERIES + 1;
    for (int metric = 0; metric < metrics; metric++) {
      Counter counter = chat.counter("n" + metric, "Numbers", "a");
      for (int i = 0; i < MetricDefinition.MAX_SERIES; i++) {
        counter.with(Integer.toString(i));
      }
    }
    int wanted = 1 + metrics * MetricDefinition.MAX_SERIES; // one is the registry's own
    assertThat(take()).contains(new Count(DROPPED, wanted - Message.MAX_METRIC_SERIES));
  }

  @Test
  void aModuleHasNoMoreMetricsThanItMay() {
    for (int i = 0; i < MetricDefinition.MAX_METRICS; i++) {
      chat.counter("n" + i, "Numbers");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> chat.counter("more", "Numbers"))
        .withMessage(
            "metric chat_more: the module chat has 100 metrics, of at most 100, and all have at"
                + " most 1000");
    assertThat(new ModuleMetrics(registry, "other").counter("more", "Numbers")).isNotNull();
  }

  @Test
  void reportsAreAsLongAsTheyMayBe() {
    Counter counter = chat.counter("joined", "Rooms joined", "a");
    for (int i = 0; i < 100; i++) {
      counter.with(Integer.toString(i)).increment();
    }
    assertThat(registry.take())
        .extracting(report -> report.entries().size())
        .containsExactly(36, 36, 36, 36, 36, 23);
  }

  @Test
  void whatManyThreadsCountIsReportedOnce() throws Exception {
    Counter counter = chat.counter("joined", "Rooms joined", "a");
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      threads.add(
          Thread.ofPlatform()
              .start(() -> {
                for (int n = 0; n < 10_000; n++) {
                  counter.with(Integer.toString(n % 10)).increment();
                }
              }));
    }
    long reported = 0;
    for (Thread each : threads) {
      reported += counted();
      each.join();
    }
    assertThat(reported + counted()).isEqualTo(40_000);
  }

  private long counted() {
    return take().stream().mapToLong(e -> e instanceof Count(int _, long more) ? more : 0).sum();
  }
}
