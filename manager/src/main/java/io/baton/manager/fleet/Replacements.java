package io.baton.manager.fleet;

import io.baton.manager.fleet.Effect.Severity;
import io.baton.manager.fleet.FleetView.Phase;
import io.baton.manager.fleet.Outcome.End;
import io.baton.manager.fleet.Outcome.Kind;
import io.baton.manager.fleet.Replacement.Stage;
import io.baton.manager.text.Units;
import io.baton.pipe.Message.Joined;
import java.util.ArrayList;
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

  /** Workers of superseded reloads that may be there at a time, for each slot. */
  private static final int MAX_LINGERING = 2;

  private final Roster roster;
  private final Leavers leavers;
  private final Moves moves;
  private @Nullable Replacement underWay;

  /**
   * Workers of superseded replacements: nobody waits for them, and they are let go all the same.
   */
  private final List<Worker> lingering = new ArrayList<>();

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

  /** Whether time has to be looked at often. */
  boolean isBusy() {
    return underWay != null || !lingering.isEmpty();
  }

  /** Nothing but the former workers of the one under way is left. */
  boolean isDraining() {
    return underWay != null && underWay.stage() == Stage.MOVING;
  }

  /** Why the reload under way cannot be undone now; empty if it can. */
  String whyNotAborted() {
    return underWay == null || underWay.kind() != Kind.RELOAD
        ? "no reload is under way"
        : underWay.whyNotAborted();
  }

  /** Undoes the reload under way, if that can be. */
  void abort() {
    if (underWay != null && whyNotAborted().isEmpty()) {
      roster.report(Severity.WARN, text + " is aborted: " + underWay.describe());
      underWay.abort();
    }
  }

  /** Ends the one under way, if only former workers are left; they go on leaving. */
  void supersede() {
    if (underWay != null && isDraining()) {
      Replacement former = underWay;
      List<Worker> left = former.supersede();
      done(former);
      for (Worker worker : left) {
        worker.leave = worker.leave == null ? null : worker.leave.rest();
      }
      lingering.addAll(left);
    }
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
    boolean linked = roster.workers.values().stream().anyMatch(each -> each.joined);
    int most = linked ? Joined.MAX_WORKERS : MAX_WORKERS;
    if (workers < 1 || workers > most) {
      refuse(
          Kind.SCALE,
          "there cannot be %d workers: allowed are 1 to %d%s"
              .formatted(
                  workers, most, linked ? ", because a module uses topics or services" : ""));
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
    } else if (lingering.size() > MAX_LINGERING * roster.slots.size()) {
      refuse(kind, lingering.size() + " workers of superseded reloads have not ended yet");
    } else {
      start(kind, to, slots, size);
      wasAsked = true;
    }
  }

  private void refuse(Kind kind, String why) {
    roster.add(new Effect.Done(Outcome.refused(kind, roster.current().number(), why)));
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
    for (Worker worker : lingering) {
      if (worker.end == null && worker.leave != null) {
        leavers.goOn(worker, worker.leave);
      }
    }
    if (lingering.removeIf(worker -> worker.end != null && worker.away == 0) && underWay == null) {
      roster.forgetUnused();
    }
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
    roster.forgetUnused();
    String took = Units.duration(outcome.ms());
    switch (outcome.end()) {
      case DONE, INCOMPLETE, SUPERSEDED ->
          roster.report(
              outcome.closed() == 0 && outcome.end() == End.DONE ? Severity.INFO : Severity.WARN,
              "%s is %s after %s: %s"
                  .formatted(
                      text,
                      outcome.end() == End.SUPERSEDED ? "superseded" : "done",
                      took,
                      describe(outcome)));
      case FAILED, REFUSED -> {
        failedMs = roster.nowMs;
        roster.report(
            Severity.ERROR,
            "%s has failed after %s, generation %d goes on: %s"
                .formatted(text, took, outcome.to(), outcome.failure()));
      }
    }
    outcome.details().forEach(line -> roster.report(Severity.WARN, text + ": " + line));
    if (wasAsked) {
      roster.add(new Effect.Done(outcome));
    }
  }

  private static String describe(Outcome outcome) {
    return "%s started, %d ended; of their connections %s migrated, %s finished, %s closed"
        .formatted(
            Units.count(outcome.started(), "worker"),
            outcome.ended(),
            Units.count(outcome.migrated()),
            Units.count(outcome.finished()),
            Units.count(outcome.closed()));
  }
}
