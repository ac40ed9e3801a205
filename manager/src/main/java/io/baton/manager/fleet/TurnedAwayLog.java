package io.baton.manager.fleet;

import io.baton.manager.fleet.Effect.Severity;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Tells the operator that clients are turned away, however many come: the first at once, from then
 * on at most one line per listener and {@value #PERIOD_MS} ms, with their number.
 */
final class TurnedAwayLog {
  static final long PERIOD_MS = 60_000;

  private static final class Line {
    final String listener;
    long dueMs = Long.MIN_VALUE;
    long count;
    Supplier<String> why = () -> "";

    Line(String listener) {
      this.listener = listener;
    }
  }

  private final Roster roster;
  private final String what;
  private final String outcome;

  /** By listener; of those that have turned somebody away. */
  private final Map<Integer, Line> lines = new TreeMap<>();

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
    Line line = lines.computeIfAbsent(listener, n -> new Line(roster.books.of(n).listener));
    line.count++;
    line.why = why;
    writeIfDue(line);
  }

  /** Time has passed. */
  void tick() {
    lines.values().forEach(this::writeIfDue);
  }

  private void writeIfDue(Line line) {
    if (line.count > 0 && roster.nowMs >= line.dueMs) {
      roster.report(
          Severity.WARN,
          "listener %s %s: %s; clients %s since this was last logged: %d"
              .formatted(line.listener, what, line.why.get(), outcome, line.count));
      line.count = 0;
      line.dueMs = roster.nowMs + PERIOD_MS;
    }
  }
}
