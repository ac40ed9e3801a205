package io.baton.manager.fleet;

import io.baton.manager.fleet.Effect.Severity;
import java.util.function.LongFunction;

/**
 * A warning to the operator about something that may happen very often: said at once, from then on
 * at most once every {@value #PERIOD_MS} ms, with how often it happened.
 */
final class RareReport {
  static final long PERIOD_MS = 60_000;

  private final Roster roster;
  private LongFunction<String> line = Long::toString;
  private long count;
  private long dueMs = Long.MIN_VALUE;

  RareReport(Roster roster) {
    this.roster = roster;
  }

  /**
   * It happened once more.
   *
   * @param line makes the warning of how often it happened since the last one
   */
  void happened(LongFunction<String> line) {
    this.line = line;
    count++;
    tick();
  }

  /** Time has passed. */
  void tick() {
    if (count > 0 && roster.nowMs >= dueMs) {
      roster.report(Severity.WARN, line.apply(count));
      count = 0;
      dueMs = roster.nowMs + PERIOD_MS;
    }
  }
}
