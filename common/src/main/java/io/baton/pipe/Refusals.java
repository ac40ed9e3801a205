package io.baton.pipe;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Clients that were refused what they wanted, by the code that they were told.
 *
 * @param byCode how many, by the name of the code, which has at most {@value #MAX_NAME_BYTES}
 *     bytes; at most {@value #MAX_CODES} codes
 */
public record Refusals(SortedMap<String, Long> byCode) {
  static final int MAX_CODES = 64;
  static final int MAX_NAME_BYTES = 32;

  public static final Refusals NONE = new Refusals(Collections.emptySortedMap());

  public Refusals {
    byCode = byCode.isEmpty() ? Collections.emptySortedMap() : new TreeMap<>(byCode);
  }

  /** Returns the sum of both; what is beyond 63 bits stays at the most there is. */
  public Refusals plus(Refusals o) {
    if (o.byCode.isEmpty()) {
      return this;
    }
    SortedMap<String, Long> all = new TreeMap<>(byCode);
    o.byCode.forEach((code, count) -> all.merge(code, count, Sums::sum));
    return new Refusals(all);
  }

  boolean isSince(Refusals o) {
    return o.byCode.entrySet().stream()
        .allMatch(each -> byCode.getOrDefault(each.getKey(), 0L) >= each.getValue());
  }

  void write(FieldWriter to) {
    to.u8(byCode.size());
    byCode.forEach((code, count) -> to.text(code, MAX_NAME_BYTES).i64(count));
  }

  static Refusals read(FieldReader from) throws MalformedMessageException {
    SortedMap<String, Long> all = new TreeMap<>();
    int codes = from.u8();
    if (codes > MAX_CODES) {
      throw new MalformedMessageException("refusals of " + codes + " codes");
    }
    for (int i = 0; i < codes; i++) {
      all.put(from.text(MAX_NAME_BYTES), from.count64());
    }
    return new Refusals(all);
  }
}
