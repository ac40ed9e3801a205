package io.baton.pipe;

import io.baton.pipe.Message.MetricsReport;
import io.baton.pipe.MetricEntry.Amount;
import io.baton.pipe.MetricEntry.Count;
import io.baton.pipe.MetricEntry.Durations;
import io.baton.pipe.MetricEntry.Metric;
import io.baton.pipe.MetricEntry.Series;
import io.baton.service.metrics.MetricDefinition;
import io.baton.service.metrics.MetricType;
import java.util.ArrayList;
import java.util.List;

/**
 * The bytes of a {@link MetricsReport}.
 *
 * <pre>
 * u8 n (at most MAX_METRIC_ENTRIES), n x one of
 *   u8 1, u8 type (0 counter, 1 time, 2 gauge, 3 histogram), text name, text help,
 *         u8 labels (at most MAX_LABELS), labels x text name
 *   u8 2, u16 metric, u8 labels, labels x text value
 *   u8 3, u16 series, i64 more (not negative)
 *   u8 4, u16 series, f64 amount (finite)
 *   u8 5, u16 series, i64 nanos (not negative), 17 x i64 durations in a bucket (not negative)
 * </pre>
 */
final class MetricsReportCodec {
  private static final int METRIC = 1;
  private static final int SERIES = 2;
  private static final int COUNT = 3;
  private static final int AMOUNT = 4;
  private static final int DURATIONS = 5;

  private MetricsReportCodec() {}

  static void write(MetricsReport report, FieldWriter to) {
    if (report.entries().size() > Message.MAX_METRIC_ENTRIES) {
      throw new IllegalStateException(report.entries().size() + " entries in a metrics report");
    }
    to.u8(report.entries().size());
    report.entries().forEach(each -> write(each, to));
  }

  private static void write(MetricEntry entry, FieldWriter to) {
    switch (entry) {
      case Metric(MetricDefinition its) -> {
        to.u8(METRIC)
            .u8(code(its.type()))
            .text(its.name(), MetricDefinition.MAX_NAME)
            .text(its.help(), MetricDefinition.MAX_HELP_BYTES);
        write(its.labels(), MetricDefinition.MAX_NAME, to);
      }
      case Series(int metric, List<String> labels) ->
          write(labels, MetricDefinition.MAX_LABEL_BYTES, to.u8(SERIES).u16(metric));
      case Count(int series, long more) -> to.u8(COUNT).u16(series).i64(more);
      case Amount(int series, double amount) ->
          to.u8(AMOUNT).u16(series).i64(Double.doubleToRawLongBits(amount));
      case Durations(int series, long nanos, List<Long> buckets) -> {
        if (buckets.size() != HistogramBuckets.COUNT) {
          throw new IllegalStateException(buckets.size() + " buckets of a histogram");
        }
        to.u8(DURATIONS).u16(series).i64(nanos);
        buckets.forEach(to::i64);
      }
    }
  }

  private static int code(MetricType type) {
    return switch (type) {
      case COUNTER -> 0;
      case TIME -> 1;
      case GAUGE -> 2;
      case HISTOGRAM -> 3;
    };
  }

  private static void write(List<String> labels, int maxBytes, FieldWriter to) {
    to.u8(labels.size());
    labels.forEach(each -> to.text(each, maxBytes));
  }

  static MetricsReport read(FieldReader from) throws MalformedMessageException {
    int n = from.u8();
    if (n > Message.MAX_METRIC_ENTRIES) {
      throw new MalformedMessageException("a metrics report of " + n + " entries");
    }
    List<MetricEntry> entries = new ArrayList<>(n);
    for (int i = 0; i < n; i++) {
      entries.add(readEntry(from));
    }
    return new MetricsReport(entries);
  }

  private static MetricEntry readEntry(FieldReader from) throws MalformedMessageException {
    int kind = from.u8();
    return switch (kind) {
      case METRIC -> new Metric(readDefinition(from));
      case SERIES -> new Series(from.u16(), readLabels(MetricDefinition.MAX_LABEL_BYTES, from));
      case COUNT -> new Count(from.u16(), from.count64());
      case AMOUNT -> new Amount(from.u16(), readAmount(from));
      case DURATIONS -> new Durations(from.u16(), from.count64(), readBuckets(from));
      default -> throw FieldReader.unknown("entry of a metrics report", kind);
    };
  }

  private static MetricDefinition readDefinition(FieldReader from)
      throws MalformedMessageException {
    MetricType type = from.oneOf(MetricType.values(), MetricsReportCodec::code, "type of a metric");
    String name = from.text(MetricDefinition.MAX_NAME);
    String help = from.text(MetricDefinition.MAX_HELP_BYTES);
    List<String> labels = readLabels(MetricDefinition.MAX_NAME, from);
    try {
      return new MetricDefinition(type, name, help, labels);
    } catch (IllegalArgumentException e) {
      throw new MalformedMessageException(String.valueOf(e.getMessage()));
    }
  }

  private static List<String> readLabels(int maxBytes, FieldReader from)
      throws MalformedMessageException {
    int n = from.u8();
    if (n > MetricDefinition.MAX_LABELS) {
      throw new MalformedMessageException(n + " labels of a metric");
    }
    List<String> labels = new ArrayList<>(n);
    for (int i = 0; i < n; i++) {
      labels.add(from.text(maxBytes));
    }
    return labels;
  }

  private static double readAmount(FieldReader from) throws MalformedMessageException {
    double amount = Double.longBitsToDouble(from.i64());
    if (!Double.isFinite(amount)) {
      throw new MalformedMessageException("an amount of " + amount);
    }
    return amount;
  }

  private static List<Long> readBuckets(FieldReader from) throws MalformedMessageException {
    List<Long> buckets = new ArrayList<>(HistogramBuckets.COUNT);
    for (int i = 0; i < HistogramBuckets.COUNT; i++) {
      buckets.add(from.count64());
    }
    return buckets;
  }
}
