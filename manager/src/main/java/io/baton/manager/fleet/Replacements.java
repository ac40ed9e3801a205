package io.baton.manager.fleet;

import io.baton.manager.fleet.Effect.Severity;
import io.baton.manager.fleet.FleetView.Phase;
import io.baton.manager.fleet.Outcome.Kind;
import io.baton.manager.fleet.Replacement.Stage;
import io.baton.manager.text.Units;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Where replacements are asked for: at most one is under way, and each that was asked for ends with
 * exactly one {@link Effect.Done}.
 */
final class Replacements {
  /** As of {@code baton.workers}. */
  private static final int MAX_WORKERS = 256;

  private final Roster roster;
  private final Leavers leavers;
  private final Moves moves;
  private @Nullable Replacement underWay;

  /** Somebody waits for its outcome. */
  private boolean wasAsked;

  private String text = "";
  private long failedMs = Long.MIN_VALUE;

  Replacements(Roster roster, Leavers leavers, Moves moves) {
    this.roster = roster;
    this.leavers = leavers;
    this.moves = moves;
  }

  boolean isUnderWay() {
    return underWay != null;
  }

  /** What is being done, in a few words; null if nothing is. */
  @Nullable String describe() {
    return underWay == null ? null : text + ": " + underWay.describe();
  }

  void reload(Generation next) {
    ask(Kind.RELOAD, next, all(), next.settings().workers());
  }

  void recycle(List<Integer> slots) {
    for (int slot : slots) {
      if (slot < 0 || slot >= roster.slots.size()) {
        refuse(
            Kind.RECYCLE,
            "there is no worker " + slot + ": allowed are 0 to " + (roster.slots.size() - 1));
        return;
      }
    }
    List<Integer> which = slots.isEmpty() ? all() : List.copyOf(new TreeSet<>(slots));
    ask(Kind.RECYCLE, roster.current(), which, roster.slots.size());
  }

  void scale(int workers) {
    if (workers < 1 || workers > MAX_WORKERS) {
      refuse(
          Kind.SCALE, "there cannot be " + workers + " workers: allowed are 1 to " + MAX_WORKERS);
      return;
    }
    List<Integer> superfluous = IntStream.range(workers, roster.slots.size()).boxed().toList();
    ask(Kind.SCALE, roster.current(), superfluous, workers);
  }

  /** A worker is replaced though nobody asked; only while nothing is under way. */
  void recycleOne(Slot slot) {
    start(Kind.RECYCLE, roster.current(), List.of(slot.index), roster.slots.size());
    wasAsked = false;
  }

  private List<Integer> all() {
    return IntStream.range(0, roster.slots.size()).boxed().toList();
  }

  private void ask(Kind kind, Generation to, List<Integer> slots, int size) {
    if (roster.phase == Phase.BOOTING) {
      refuse(kind, "the server is starting");
    } else if (roster.phase != Phase.RUNNING) {
      refuse(kind, "the server is stopping");
    } else if (underWay != null) {
      refuse(kind, text + " is under way");
    } else {
      start(kind, to, slots, size);
      wasAsked = true;
    }
  }

  private void refuse(Kind kind, String why) {
    int generation = roster.current().number();
    roster.add(new Effect.Done(new Outcome(kind, generation, generation, 0, 0, 0, 0, 0, 0, why)));
  }

  private void start(Kind kind, Generation to, List<Integer> slots, int size) {
    text =
        switch (kind) {
          case RELOAD ->
              "the reload from generation " + roster.current().number() + " to " + to.number();
          case RECYCLE ->
              "the recycling of "
                  + (slots.size() == 1 ? "worker " + slots.getFirst() : slots.size() + " workers");
          case SCALE -> "the change from " + roster.slots.size() + " to " + size + " workers";
        };
    moves.begin();
    underWay = new Replacement(roster, leavers, kind, to, slots, size);
    roster.report(Severity.INFO, text + " has begun: " + underWay.describe());
  }

  /** Does what the moment calls for; after every event. */
  void goOn() {
    if (underWay != null && underWay.goOn() == Stage.ENDED) {
      done(underWay);
    }
  }

  /** When a replacement last failed; before all time if none has. */
  long failedMs() {
    return failedMs;
  }

  /** The server stops. */
  void stop() {
    if (underWay != null) {
      underWay.stop();
      done(underWay);
    }
  }

  private void done(Replacement ended) {
    underWay = null;
    Outcome outcome = ended.outcome();
    String took = Units.duration(outcome.ms());
    if (outcome.failure().isEmpty()) {
      roster.report(
          outcome.closed() == 0 ? Severity.INFO : Severity.WARN,
          text + " is done after " + took + ": " + describe(outcome));
    } else {
      failedMs = roster.nowMs;
      roster.report(
          Severity.ERROR,
          "%s has failed after %s, generation %d goes on: %s"
              .formatted(text, took, outcome.to(), outcome.failure()));
    }
    if (wasAsked) {
      roster.add(new Effect.Done(outcome));
    }
  }

  private static String describe(Outcome outcome) {
    return "%d workers started, %d ended; of their connections %s migrated, %s finished, %s closed"
        .formatted(
            outcome.started(),
            outcome.ended(),
            Units.count(outcome.migrated()),
            Units.count(outcome.finished()),
            Units.count(outcome.closed()));
  }
}
