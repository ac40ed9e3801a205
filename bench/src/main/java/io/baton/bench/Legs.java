package io.baton.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.ToDoubleFunction;

/**
 * The legs of a comparison, one of each round.
 *
 * @param <K> tells who has run what
 */
final class Legs<K> {
  private final Map<K, List<Leg>> legs = new LinkedHashMap<>();

  void add(K key, Leg leg) {
    legs.computeIfAbsent(key, _ -> new ArrayList<>()).add(leg);
  }

  void clear() {
    legs.clear();
  }

  boolean has(K key) {
    return legs.containsKey(key);
  }

  /** Returns a leg of each round; none of those who have run none. */
  List<Leg> of(K key) {
    return legs.getOrDefault(key, List.of());
  }

  double median(K key, ToDoubleFunction<Leg> value) {
    return Spread.of(of(key), value).median();
  }

  /** Returns one's values in proportion to another one's, round by round. */
  Spread ratio(K mine, K theirs, ToDoubleFunction<Leg> value) {
    return Spread.ratio(of(mine), of(theirs), value);
  }

  void forEach(BiConsumer<K, List<Leg>> action) {
    legs.forEach(action);
  }

  /** Exchanges that did not go well. */
  long failed() {
    return legs.values().stream().flatMap(List::stream).mapToLong(Leg::failed).sum();
  }
}
