package io.baton.manager.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.manager.metrics.MetricView.SeriesView;
import io.baton.pipe.HistogramBuckets;
import io.baton.pipe.Message;
import io.baton.pipe.MetricEntry;
import io.baton.pipe.MetricEntry.Amount;
import io.baton.pipe.MetricEntry.Count;
import io.baton.pipe.MetricEntry.Durations;
import io.baton.pipe.MetricEntry.Metric;
import io.baton.pipe.MetricEntry.Series;
import io.baton.pipe.OwnMetrics;
import io.baton.service.metrics.MetricDefinition;
import io.baton.service.metrics.MetricType;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

final class MetricSumsTest {
  private static final MetricDefinition JOINED = metric(MetricType.COUNTER, "chat_joined", "room");
  private static final MetricDefinition ROOMS = metric(MetricType.GAUGE, "chat_rooms");
  private static final MetricDefinition QUERY = metric(MetricType.HISTOGRAM, "chat_query_seconds");

  private final MetricSums sums = new MetricSums(4); // one of them is its own

  private static MetricDefinition metric(MetricType type, String name, String... labels) {
    return new MetricDefinition(type, name, "Help", List.of(labels));
  }

  private String says(long worker, MetricEntry... entries) {
    return sums.add(worker, new Message.MetricsReport(List.of(entries)));
  }

  private void add(long worker, MetricEntry... entries) {
    assertThat(says(worker, entries)).isEmpty();
  }

  private List<SeriesView> series(String metric) {
    return sums.view().stream()
        .filter(each -> each.definition().name().equals(metric))
        .flatMap(each -> each.series().stream())
        .toList();
  }

  private static SeriesView count(long count, String... labels) {
    return new SeriesView(List.of(labels), count, 0, List.of());
  }

  @Test
  void aCountIsTheSumOverAllWorkersAndStaysWhenTheyDie() {
    for (long worker = 1; worker <= 2; worker++) {
      add(worker, new Metric(JOINED), new Series(0, List.of("a")), new Count(0, 5));
    }
    add(1, new Count(0, 2));
    assertThat(series("chat_joined")).containsExactly(count(12, "a"));
    sums.drop(1);
    sums.drop(2);
    assertThat(series("chat_joined")).containsExactly(count(12, "a"));
    add(3, new Metric(JOINED), new Series(0, List.of("a")));
    assertThat(series("chat_joined")).containsExactly(count(12, "a"));
    add(3, new Count(0, Long.MAX_VALUE));
    assertThat(series("chat_joined")).containsExactly(count(Long.MAX_VALUE, "a"));
  }

  @Test
  void anAmountGoesWithItsWorker() {
    for (long worker = 1; worker <= 2; worker++) {
      add(worker, new Metric(ROOMS), new Series(0, List.of()), new Amount(0, 1.5 * worker));
    }
    assertThat(series("chat_rooms")).extracting(SeriesView::amount).containsExactly(4.5);
    sums.drop(1);
    assertThat(series("chat_rooms")).extracting(SeriesView::amount).containsExactly(3.0);
    sums.drop(2);
    assertThat(series("chat_rooms")).isEmpty();
  }

  @Test
  void durationsAreAddedUpByBucket() {
    List<Long> ones = Collections.nCopies(HistogramBuckets.COUNT, 1L);
    for (long worker = 1; worker <= 2; worker++) {
      add(worker, new Metric(QUERY), new Series(0, List.of()), new Durations(0, 10, ones));
    }
    sums.drop(1);
    assertThat(series("chat_query_seconds"))
        .containsExactly(
            new SeriesView(List.of(), 20, 0, Collections.nCopies(HistogramBuckets.COUNT, 2L)));
  }

  @Test
  void aReportThatCannotBeIsTold() {
    assertThat(says(1, new Series(0, List.of()))).isEqualTo("declared a series of no metric");
    assertThat(says(2, new Count(0, 1))).isEqualTo("reported a series that it has not declared");
    assertThat(says(3, new Metric(ROOMS), new Metric(ROOMS)))
        .isEqualTo("declared the metric chat_rooms twice");
    assertThat(says(4, new Metric(ROOMS), new Series(0, List.of()), new Series(0, List.of())))
        .isEqualTo("declared a series twice");
    assertThat(says(5, new Metric(ROOMS), new Series(0, List.of("a"))))
        .startsWith("declared a series of ")
        .endsWith(" with values [a]");
    assertThat(says(6, new Metric(ROOMS), new Series(0, List.of()), new Count(0, 1)))
        .isEqualTo("reported another value than one of a gauge");
    assertThat(says(7, new Metric(metric(MetricType.GAUGE, "baton_ready"))))
        .startsWith("declared ")
        .endsWith(", which is not Baton's");
    MetricEntry[] many =
        Collections.nCopies(Message.MAX_METRICS + 1, new Metric(OwnMetrics.CPU))
            .toArray(MetricEntry[]::new);
    for (int i = 0; i < many.length; i++) {
      many[i] = new Metric(metric(MetricType.GAUGE, "n" + i));
    }
    assertThat(says(8, many)).isEqualTo("declared too many metrics");
  }

  @Test
  void anotherTypeOrOtherLabelsBeginAnewAndFormerWorkersAreNotShown() {
    add(1, new Metric(JOINED), new Series(0, List.of("a")), new Count(0, 5));
    add(2, new Metric(metric(MetricType.GAUGE, "chat_joined")), new Series(0, List.of()));
    add(2, new Amount(0, 3));
    add(1, new Count(0, 1), new Series(0, List.of("b")), new Count(1, 1));
    assertThat(series("chat_joined")).containsExactly(new SeriesView(List.of(), 0, 3, List.of()));
    sums.drop(1);
    assertThat(series("chat_joined")).hasSize(1);
  }

  @Test
  void anotherHelpTextIsShownAndTheCountGoesOn() {
    add(1, new Metric(JOINED), new Series(0, List.of("a")), new Count(0, 5));
    add(
        2,
        new Metric(
            new MetricDefinition(MetricType.COUNTER, "chat_joined", "Better", List.of("room"))),
        new Series(0, List.of("a")),
        new Count(0, 1));
    assertThat(series("chat_joined")).containsExactly(count(6, "a"));
    assertThat(sums.view()).extracting(each -> each.definition().help()).contains("Better");
  }

  @Test
  void beyondTheBoundSeriesWithoutAWorkerMakeRoomAndOthersAreCountedAsDropped() {
    add(1, new Metric(JOINED), new Series(0, List.of("a")), new Count(0, 1));
    add(1, new Series(0, List.of("b")), new Series(0, List.of("c")));
    add(2, new Metric(JOINED), new Series(0, List.of("d")), new Count(0, 7));
    assertThat(series("chat_joined")).doesNotContain(count(7, "d")).hasSize(3);
    assertThat(series("baton_metrics_series_dropped")).containsExactly(count(1));
    sums.drop(1);
    add(3, new Metric(JOINED), new Series(0, List.of("d")), new Count(0, 2));
    assertThat(series("chat_joined")).containsExactly(count(2, "d"));
    assertThat(series("baton_metrics_series_dropped")).containsExactly(count(1));
  }
}
