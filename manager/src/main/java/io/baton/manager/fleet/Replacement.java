package io.baton.manager.fleet;

import io.baton.manager.fleet.Outcome.Kind;
import io.baton.manager.fleet.Worker.Duty;
import io.baton.manager.fleet.Worker.State;
import io.baton.manager.text.Units;
import java.util.ArrayList;
import java.util.List;

/**
 * Workers that take the place of others, or of nobody, or nobody in the place of others: a reload,
 * a recycling and a change of their number are the same.
 *
 * <pre>
 *   STARTING ──all newcomers READY──► MOVING ──all former ones gone──► ENDED
 *       └──one of them fails──► GIVING_UP ──all newcomers gone──► ENDED, with the reason
 * </pre>
 *
 * <p>Until all newcomers are READY nothing changes for anybody: those who serve go on, and are
 * replaced as ever if they die. Then, in one step, the newcomers get the slots and the others
 * leave.
 */
final class Replacement {
  enum Stage {
    STARTING,
    GIVING_UP,
    MOVING,
    ENDED
  }

  private final Roster roster;
  private final Leavers leaving;
  private final Kind kind;
  private final Generation from;
  private final Generation to;

  /** The slots whose workers leave. */
  private final List<Integer> slots;

  /** How many slots there are afterwards. */
  private final int size;

  private final long startMs;
  private final List<Worker> newcomers = new ArrayList<>();
  private final List<Worker> leavers = new ArrayList<>();
  private long turnedMs = -1;
  private Stage stage = Stage.STARTING;
  private String failure = "";

  /**
   * Starts the newcomers.
   *
   * @param slots whose workers leave
   * @param size how many slots there are afterwards; those of them among {@code slots}, and those
   *     that do not exist yet, get newcomers
   */
  Replacement(
      Roster roster, Leavers leaving, Kind kind, Generation to, List<Integer> slots, int size) {
    this.roster = roster;
    this.leaving = leaving;
    this.kind = kind;
    this.from = roster.current();
    this.to = to;
    this.slots = slots;
    this.size = size;
    this.startMs = roster.nowMs;
    for (int slot = 0; slot < size; slot++) {
      if (slots.contains(slot) || slot >= roster.slots.size()) {
        newcomers.add(roster.recruit(slot, to));
      }
    }
  }

  /** Does what the moment calls for; after every event. */
  Stage goOn() {
    Stage before;
    do {
      before = stage;
      step();
    } while (stage != before);
    return stage;
  }

  private void step() {
    switch (stage) {
      case STARTING -> {
        newcomers.stream().filter(Replacement::hasFailed).findFirst().ifPresent(this::giveUp);
        if (stage == Stage.STARTING && newcomers.stream().allMatch(w -> w.state == State.READY)) {
          turn();
        }
      }
      case GIVING_UP -> {
        if (areGone(newcomers)) {
          end(to);
        }
      }
      case MOVING -> {
        if (areGone(leavers)) {
          end(from);
        } else if (roster.nowMs > turnedMs) {
          letGo();
        }
      }
      case ENDED -> {}
    }
  }

  private static boolean hasFailed(Worker newcomer) {
    return newcomer.end != null || newcomer.state == State.ENDING;
  }

  private void giveUp(Worker failed) {
    String how = failed.readyMs < 0 ? "could not start" : "did not stay up";
    giveUp("%s %s: %s".formatted(failed, how, failed.end == null ? failed.reason : failed.end));
  }

  private void giveUp(String why) {
    failure = why;
    stage = Stage.GIVING_UP;
    for (Worker newcomer : newcomers) {
      if (newcomer.end == null && newcomer.state != State.ENDING) {
        roster.dismiss(newcomer);
      }
    }
  }

  /** The newcomers serve, the others leave. */
  private void turn() {
    stage = Stage.MOVING;
    turnedMs = roster.nowMs;
    if (to.number() != from.number()) {
      roster.become(to);
    }
    for (int slot : slots) {
      Worker former = roster.slots.get(slot).worker;
      if (former != null) {
        leavers.add(former);
        leaving.leave(former);
      }
      roster.slots.get(slot).worker = null;
    }
    roster.resize(size);
    for (Worker newcomer : newcomers) {
      newcomer.duty = Duty.SERVING;
      roster.slots.get(newcomer.slot).occupy(newcomer);
    }
  }

  private void letGo() {
    for (Worker worker : leavers) {
      if (worker.end == null && worker.leave != null) {
        leaving.goOn(worker, worker.leave);
      }
    }
  }

  /** Also what they gave has arrived somewhere: only then it is known what became of it. */
  private static boolean areGone(List<Worker> workers) {
    return workers.stream().allMatch(worker -> worker.end != null && worker.away == 0);
  }

  private void end(Generation gone) {
    stage = Stage.ENDED;
    if (gone.number() != roster.current().number()) {
      roster.add(new Effect.Forget(gone.number()));
    }
  }

  /** The server stops: that is the end of this, too. */
  void stop() {
    if (stage == Stage.STARTING) {
      giveUp("the server is stopping");
    }
    failure = "the server is stopping";
    stage = Stage.ENDED;
  }

  /** What is waited for. */
  String describe() {
    return switch (stage) {
      case STARTING ->
          "%d of %d new workers are ready"
              .formatted(
                  newcomers.stream().filter(w -> w.state == State.READY).count(), newcomers.size());
      case GIVING_UP -> failure;
      case MOVING ->
          "%s left on %s"
              .formatted(
                  Units.count(leavers.stream().mapToInt(Replacement::left).sum(), "connection"),
                  Units.count(leavers.stream().filter(w -> w.end == null).count(), "worker"));
      case ENDED -> "ended";
    };
  }

  private static int left(Worker leaver) {
    return leaver.end == null ? leaver.connections.total() + leaver.away : leaver.away;
  }

  /** How it went; once it has ended. */
  Outcome outcome() {
    long migrated = 0;
    long finished = 0;
    long closed = 0;
    for (Worker worker : leavers) {
      if (worker.leave != null) {
        migrated += worker.leave.migrated;
        finished += worker.leave.finished;
        closed += worker.leave.closed;
      }
    }
    boolean turned = turnedMs >= 0;
    return new Outcome(
        kind,
        from.number(),
        roster.current().number(),
        turned ? newcomers.size() : 0,
        leavers.size(),
        migrated,
        finished,
        closed,
        roster.nowMs - startMs,
        failure);
  }
}
