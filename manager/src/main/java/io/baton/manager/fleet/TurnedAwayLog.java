package io.baton.manager.fleet;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/** Tells the operator that listeners turn clients away: one {@link RareReport} for each. */
final class TurnedAwayLog {
  private final Roster roster;
  private final String what;
  private final String outcome;

  /** By listener; of those that have turned somebody away. */
  private final Map<Integer, RareReport> lines = new TreeMap<>();

  /**
   * @param what the listener's state or action in words, such as "is full"
   * @param outcome of such a client, as it is counted: "limited" or "denied"
   */
  TurnedAwayLog(Roster roster, String what, String outcome) {
    this.roster = roster;
    this.what = what;
    this.outcome = outcome;
  }

  /**
   * A client was turned away.
   *
   * @param why for the line, should there be one
   */
  void turnedAway(int listener, Supplier<String> why) {
    String name = roster.books.of(listener).listener;
    lines
        .computeIfAbsent(listener, _ -> new RareReport(roster))
        .happened(count ->
            "listener %s %s: %s; clients %s since this was last logged: %d"
                .formatted(name, what, why.get(), outcome, count));
  }

  /** Time has passed. */
  void tick() {
    lines.values().forEach(RareReport::tick);
  }
}
