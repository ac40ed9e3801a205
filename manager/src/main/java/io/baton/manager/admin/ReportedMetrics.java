package io.baton.manager.admin;

import com.fasterxml.jackson.core.JsonGenerator;
import io.baton.manager.metrics.MetricView;
import io.baton.manager.metrics.MetricView.SeriesView;
import io.baton.pipe.HistogramBuckets;
import io.baton.service.metrics.MetricDefinition;
import io.baton.service.metrics.MetricType;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.io.IOException;
import java.util.List;

/** The metrics that workers and their modules report, for Prometheus and as JSON. */
final class ReportedMetrics {
  private static final double NANOS_PER_SECOND = 1e9;

  private ReportedMetrics() {}

  static MetricSnapshot snapshot(MetricView metric) {
    return switch (metric.definition().type()) {
      case COUNTER -> counter(metric, 1);
      case TIME -> counter(metric, NANOS_PER_SECOND);
      case GAUGE -> gauge(metric);
      case HISTOGRAM -> histogram(metric);
    };
  }

  private static MetricSnapshot counter(MetricView metric, double unit) {
    CounterSnapshot.Builder all =
        CounterSnapshot.builder().name(name(metric)).help(metric.definition().help());
    for (SeriesView each : metric.series()) {
      all.dataPoint(
          CounterSnapshot.CounterDataPointSnapshot.builder()
              .labels(labels(metric, each))
              .value(each.count() / unit)
              .build());
    }
    return all.build();
  }

  private static MetricSnapshot gauge(MetricView metric) {
    GaugeSnapshot.Builder all =
        GaugeSnapshot.builder().name(name(metric)).help(metric.definition().help());
    for (SeriesView each : metric.series()) {
      all.dataPoint(
          GaugeSnapshot.GaugeDataPointSnapshot.builder()
              .labels(labels(metric, each))
              .value(each.amount())
              .build());
    }
    return all.build();
  }

  private static MetricSnapshot histogram(MetricView metric) {
    HistogramSnapshot.Builder all =
        HistogramSnapshot.builder().name(name(metric)).help(metric.definition().help());
    for (SeriesView each : metric.series()) {
      ClassicHistogramBuckets.Builder buckets = ClassicHistogramBuckets.builder();
      for (int i = 0; i < HistogramBuckets.COUNT; i++) {
        buckets.bucket(HistogramBuckets.boundSeconds(i), each.buckets().get(i));
      }
      all.dataPoint(
          HistogramSnapshot.HistogramDataPointSnapshot.builder()
              .labels(labels(metric, each))
              .classicHistogramBuckets(buckets.build())
              .sum(each.count() / NANOS_PER_SECOND)
              .build());
    }
    return all.build();
  }

  private static String name(MetricView metric) {
    return metric.definition().name();
  }

  private static Labels labels(MetricView metric, SeriesView series) {
    return Labels.of(metric.definition().labels(), series.labels());
  }

  /** Writes an array with an object for each metric. */
  static void write(JsonGenerator json, List<MetricView> metrics) throws IOException {
    json.writeArrayFieldStart("metrics");
    for (MetricView metric : metrics) {
      MetricDefinition definition = metric.definition();
      json.writeStartObject();
      json.writeStringField("name", definition.name());
      json.writeStringField("type", definition.type().word());
      json.writeArrayFieldStart("series");
      for (SeriesView each : metric.series()) {
        json.writeStartObject();
        json.writeObjectFieldStart("labels");
        for (int i = 0; i < each.labels().size(); i++) {
          json.writeStringField(definition.labels().get(i), each.labels().get(i));
        }
        json.writeEndObject();
        value(json, definition.type(), each);
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void value(JsonGenerator json, MetricType type, SeriesView its)
      throws IOException {
    switch (type) {
      case COUNTER -> json.writeNumberField("value", its.count());
      case TIME -> json.writeNumberField("value", its.count() / NANOS_PER_SECOND);
      case GAUGE -> json.writeNumberField("value", its.amount());
      case HISTOGRAM -> {
        json.writeNumberField("count", its.buckets().stream().mapToLong(Long::longValue).sum());
        json.writeNumberField("sumSeconds", its.count() / NANOS_PER_SECOND);
      }
    }
  }
}
