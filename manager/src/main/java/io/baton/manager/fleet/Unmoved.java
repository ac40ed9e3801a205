package io.baton.manager.fleet;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Connections of one worker that were to go on elsewhere and could not, each once, and why. Bounded
 * by the connections that the worker has had.
 */
final class Unmoved {
  /** Reasons kept apart; connections with further ones have {@link #OTHERS}. */
  static final int MAX_REASONS = 8;

  static final String OTHERS = "for other reasons, which the workers' logs tell";

  private final Map<Long, String> reasons = new HashMap<>();

  /** One object for each reason, however many connections have it. */
  private final Map<String, String> known = new HashMap<>();

  /**
   * The connection is where it was.
   *
   * @param reason empty if no worker was able to take it just then
   * @return whether that is new
   */
  boolean add(long connection, String reason) {
    String former = reasons.put(connection, kept(reason));
    if (former != null && reason.isEmpty()) {
      reasons.put(connection, former);
    }
    return former == null;
  }

  private String kept(String reason) {
    if (known.size() < MAX_REASONS || known.containsKey(reason)) {
      return known.computeIfAbsent(reason, same -> same);
    }
    return reason.isEmpty() ? "" : OTHERS;
  }

  /** It has moved after all. */
  void moved(long connection) {
    reasons.remove(connection);
  }

  void clear() {
    reasons.clear();
    known.clear();
  }

  /** How many there are for each reason; those without one are left out. */
  Map<String, Integer> byReason() {
    Map<String, Integer> all = new LinkedHashMap<>();
    for (String reason : reasons.values()) {
      if (!reason.isEmpty()) {
        all.merge(reason, 1, Integer::sum);
      }
    }
    return all;
  }
}
