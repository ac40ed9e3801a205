package io.baton.bench;

import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/** The median of some values, and how far they lie apart. */
record Spread(double least, double median, double greatest) {

  /** Of at least one value. */
  static Spread of(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    int n = sorted.size();
    double median = (sorted.get((n - 1) / 2) + sorted.get(n / 2)) / 2;
    return new Spread(sorted.getFirst(), median, sorted.getLast());
  }

  static <T> Spread of(List<T> from, ToDoubleFunction<T> value) {
    return of(from.stream().map(value::applyAsDouble).toList());
  }

  /** The first one's values in proportion to the second one's, one by one. */
  static <T> Spread ratio(List<T> mine, List<T> theirs, ToDoubleFunction<T> value) {
    return of(
        IntStream.range(0, mine.size())
            .mapToObj(i -> value.applyAsDouble(mine.get(i)) / value.applyAsDouble(theirs.get(i)))
            .toList());
  }

  /** As a ratio: 0.97 [0.91 to 1.02]. */
  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%.2f [%.2f to %.2f]", median, least, greatest);
  }
}
