package io.baton.worker.metrics;

import io.baton.service.metrics.Counter;
import io.baton.service.metrics.MetricDefinition;
import java.util.concurrent.atomic.LongAdder;

/** A series of a module's counter. */
final class CounterCell implements Counter {
  private final SeriesMap<Counter> siblings;
  private final LongAdder sum = new LongAdder();

  private CounterCell(SeriesMap<Counter> siblings) {
    this.siblings = siblings;
  }

  /** Returns a metric: its only series, or with labels what leads to its series. */
  static Counter of(SeriesMap.Site site) {
    SeriesMap<Counter> map =
        new SeriesMap<>(
            site, CounterCell::new, cell -> SeriesState.counter(((CounterCell) cell).sum::sum));
    return map.isLabelled() ? new Labelled(map) : map.of();
  }

  @Override
  public void add(long events) {
    sum.add(MetricDefinition.notNegative(events));
  }

  @Override
  public Counter with(String... values) {
    return siblings.of(values);
  }

  private record Labelled(SeriesMap<Counter> series) implements Counter {
    @Override
    public void add(long events) {
      throw series.unlabelled();
    }

    @Override
    public Counter with(String... values) {
      return series.of(values);
    }
  }
}
