package io.baton.service.testkit;

import io.baton.service.metrics.Counter;
import io.baton.service.metrics.Gauge;
import io.baton.service.metrics.Histogram;
import io.baton.service.metrics.MetricDefinition;
import io.baton.service.metrics.MetricType;
import io.baton.service.metrics.Metrics;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Metrics whose values a unit test reads:
 *
 * <pre>{@code
 * var metrics = new TestMetrics();
 * var test = TestSession.of(new GreetService(metrics.counter("greetings", "Greetings", "language")));
 * test.open();
 * test.receive("bonjour");
 * assertThat(metrics.value("greetings", "fr")).isEqualTo(1);
 * }</pre>
 *
 * <p>Names are those that the module uses, without its own. What a worker refuses is refused here
 * too, except that there is no bound of metrics and series. Any thread.
 */
public final class TestMetrics implements Metrics {
  private final Map<String, MetricDefinition> definitions = new HashMap<>();
  private final Map<Series, Value> values = new HashMap<>();

  private static final class Value {
    private double sum;
    private long count;
  }

  /**
   * A series of a metric.
   *
   * @param labels null: the metric has labels, and none are chosen yet
   */
  private record Series(MetricDefinition metric, @Nullable List<String> labels) {
    static Series of(MetricDefinition metric) {
      return new Series(metric, metric.labels().isEmpty() ? List.of() : null);
    }

    Series with(String... values) {
      return new Series(metric, metric.series(values));
    }

    Series orThrow() {
      if (labels == null) {
        throw new IllegalStateException(metric.unlabelled());
      }
      return this;
    }
  }

  @Override
  public Counter counter(String name, String help, String... labels) {
    return new TestCounter(define(MetricType.COUNTER, name, help, labels));
  }

  @Override
  public Gauge gauge(String name, String help, String... labels) {
    return new TestGauge(define(MetricType.GAUGE, name, help, labels));
  }

  @Override
  public Histogram histogram(String name, String help, String... labels) {
    return new TestHistogram(define(MetricType.HISTOGRAM, name, help, labels));
  }

  /**
   * Returns what a counter has counted, or the amount of a gauge; 0 if that series was never used.
   *
   * @param name without the module's name and without {@code _total}
   * @param labels values of the labels, in their order
   * @throws IllegalArgumentException if there is no such metric, or it has other labels
   */
  public synchronized double value(String name, String... labels) {
    return of(name, labels).sum;
  }

  /**
   * Returns how many durations a histogram has recorded.
   *
   * @param labels values of the labels, in their order
   * @throws IllegalArgumentException if there is no such metric, or it has other labels
   */
  public synchronized long count(String name, String... labels) {
    return of(name, labels).count;
  }

  /**
   * Returns the sum of the durations that a histogram has recorded.
   *
   * @param labels values of the labels, in their order
   * @throws IllegalArgumentException if there is no such metric, or it has other labels
   */
  public synchronized Duration sum(String name, String... labels) {
    return Duration.ofNanos((long) of(name, labels).sum);
  }

  private Value of(String name, String... labels) {
    MetricDefinition metric = definitions.get(name);
    if (metric == null) {
      throw new IllegalArgumentException("there is no metric " + name);
    }
    return values.getOrDefault(new Series(metric, metric.series(labels)), new Value());
  }

  private synchronized Series define(MetricType type, String name, String help, String... labels) {
    MetricDefinition metric = new MetricDefinition(type, name, help, Arrays.asList(labels));
    MetricDefinition other = definitions.putIfAbsent(name, metric);
    if (other != null) {
      metric.requireSame(other);
    }
    return Series.of(metric);
  }

  private synchronized void add(Series to, double more) {
    Value value = values.computeIfAbsent(to.orThrow(), key -> new Value());
    value.sum += more;
    value.count++;
  }

  private synchronized void set(Series to, double amount) {
    values.computeIfAbsent(to.orThrow(), key -> new Value()).sum = amount;
  }

  private final class TestCounter implements Counter {
    private final Series series;

    TestCounter(Series series) {
      this.series = series;
    }

    @Override
    public void add(long events) {
      TestMetrics.this.add(series, (double) MetricDefinition.notNegative(events));
    }

    @Override
    public Counter with(String... values) {
      return new TestCounter(series.with(values));
    }
  }

  private final class TestGauge implements Gauge {
    private final Series series;

    TestGauge(Series series) {
      this.series = series;
    }

    @Override
    public void set(double amount) {
      TestMetrics.this.set(series, MetricDefinition.finite(amount));
    }

    @Override
    public void add(double more) {
      TestMetrics.this.add(series, MetricDefinition.finite(more));
    }

    @Override
    public Gauge with(String... values) {
      return new TestGauge(series.with(values));
    }
  }

  private final class TestHistogram implements Histogram {
    private final Series series;

    TestHistogram(Series series) {
      this.series = series;
    }

    @Override
    public void recordNanos(long nanos) {
      TestMetrics.this.add(series, (double) Math.max(0, nanos));
    }

    @Override
    public Histogram with(String... values) {
      return new TestHistogram(series.with(values));
    }
  }
}
