package io.baton.worker.metrics;

import io.baton.service.metrics.Gauge;
import io.baton.service.metrics.MetricDefinition;
import java.util.concurrent.atomic.AtomicLong;

/** A series of a module's gauge. */
final class GaugeCell implements Gauge {
  private final SeriesMap<Gauge> siblings;

  /** The bits of a double. */
  private final AtomicLong amount = new AtomicLong(Double.doubleToRawLongBits(0));

  private GaugeCell(SeriesMap<Gauge> siblings) {
    this.siblings = siblings;
  }

  /** Returns a metric: its only series, or with labels what leads to its series. */
  static Gauge of(SeriesMap.Site site) {
    SeriesMap<Gauge> map =
        new SeriesMap<>(
            site, GaugeCell::new, cell -> SeriesState.gauge(((GaugeCell) cell)::amount));
    return map.isLabelled() ? new Labelled(map) : map.of();
  }

  private double amount() {
    return Double.longBitsToDouble(amount.get());
  }

  @Override
  public void set(double now) {
    amount.set(Double.doubleToRawLongBits(MetricDefinition.finite(now)));
  }

  @Override
  public void add(double more) {
    double finite = MetricDefinition.finite(more);
    amount.updateAndGet(bits -> Double.doubleToRawLongBits(Double.longBitsToDouble(bits) + finite));
  }

  @Override
  public Gauge with(String... values) {
    return siblings.of(values);
  }

  private record Labelled(SeriesMap<Gauge> series) implements Gauge {
    @Override
    public void set(double amount) {
      throw series.unlabelled();
    }

    @Override
    public void add(double more) {
      throw series.unlabelled();
    }

    @Override
    public Gauge with(String... values) {
      return series.of(values);
    }
  }
}
