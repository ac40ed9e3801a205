package io.baton.worker.codec.link;

import io.baton.link.core.LinkCode;
import io.baton.pipe.Refusals;
import java.util.EnumMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** The count of clients that were refused a session of Link, by the code told. Event loop only. */
public final class LinkRefusals {
  private final Map<LinkCode, Long> byCode = new EnumMap<>(LinkCode.class);

  void count(LinkCode code) {
    byCode.merge(code, 1L, Long::sum);
  }

  /** Returns what has been counted, by the names of the codes. */
  public Refusals counts() {
    SortedMap<String, Long> all = new TreeMap<>();
    byCode.forEach((code, count) -> all.put(code.name(), count));
    return new Refusals(all);
  }
}
