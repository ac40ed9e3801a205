package io.baton.manager;

import io.baton.manager.fleet.DrainOutcome;
import io.baton.manager.fleet.Outcome;
import io.baton.manager.text.Units;

/**
 * One honest line about what a command has done to sessions, for who gave it. That of a replacement
 * of workers has one below it for each reason why connections were closed or sessions could not go
 * on.
 */
final class OutcomeLine {
  private OutcomeLine() {}

  /** Of a reload whose workers serve. */
  static String reload(Outcome outcome) {
    String replaced = Units.count(outcome.ended(), "worker") + " replaced";
    if (outcome.started() != outcome.ended()) {
      replaced += " by " + Units.count(outcome.started());
    }
    return "generation %d → %d: %s, %s"
        .formatted(outcome.from(), outcome.to(), replaced, connections(outcome));
  }

  /** Of workers recycled. */
  static String recycle(Outcome outcome) {
    return "generation %d: %s recycled, %s"
        .formatted(outcome.to(), Units.count(outcome.ended(), "worker"), connections(outcome));
  }

  /**
   * Of a new number of workers.
   *
   * @param workers there are so many now
   */
  static String scale(Outcome outcome, int workers) {
    return "generation %d: %s (%s started, %s ended), %s"
        .formatted(
            outcome.to(),
            Units.count(workers, "worker"),
            Units.count(outcome.started()),
            Units.count(outcome.ended()),
            connections(outcome));
  }

  /** Of a stop that was to have other machines take the sessions. */
  static String drain(DrainOutcome outcome) {
    return switch (outcome) {
      case DrainOutcome.Counted its ->
          its.describe() + (its.lostWithWorkers() == 0 ? "" : ": the log says why");
      case DrainOutcome.Undrained its ->
          "no session went on at another machine: %s; all ended as by bin/stop without --drain"
              .formatted(its.why());
    };
  }

  private static String connections(Outcome outcome) {
    String counts =
        "%s migrated, %s finished, %s closed, %s"
            .formatted(
                Units.count(outcome.migrated(), "connection"),
                Units.count(outcome.finished()),
                Units.count(outcome.closed()),
                Units.duration(outcome.ms()));
    StringBuilder all = new StringBuilder(counts);
    outcome.details().forEach(line -> all.append("\n  ").append(line));
    return all.toString();
  }
}
