package io.baton.manager.fleet;

import io.baton.manager.fleet.Outcome.End;
import io.baton.manager.fleet.Outcome.Kind;
import io.baton.manager.fleet.Worker.Duty;
import io.baton.manager.fleet.Worker.State;
import io.baton.manager.text.Units;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Workers that take the place of others, or of nobody, or nobody in the place of others: a reload,
 * a recycling and a change of their number are the same.
 *
 * <pre>
 *   STARTING ──all newcomers READY──► PROVING ──sessions go on──► MOVING ──former ones gone──► ENDED
 *       └──one of them fails──┐          └──they do not──┐           │ abort
 *                             ▼                          ▼           ▼
 *                         GIVING_UP                   RETURNING ◄────┘
 *                             └────all newcomers gone────┴──► ENDED, with the reason
 * </pre>
 *
 * <p>Until all newcomers are READY nothing changes for anybody: those who serve go on, and are
 * replaced as ever if they die. In a reload a {@link Canary} then moves a few connections, while
 * all others and all new clients stay with those who serve. Then, in one step, the newcomers get
 * the slots and the others leave.
 */
final class Replacement {
  enum Stage {
    STARTING,
    GIVING_UP,
    PROVING,
    MOVING,
    RETURNING,
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

  /** How many there were before. */
  private final int sizeBefore;

  private final long startMs;
  private final List<Worker> newcomers = new ArrayList<>();
  private final List<Worker> leavers = new ArrayList<>();
  private @Nullable Canary canary;
  private boolean turned;
  private boolean superseded;
  private long turnedMs;
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
    this.sizeBefore = roster.slots.size();
    this.startMs = roster.nowMs;
    roster.prepare(to);
    for (int slot = 0; slot < size; slot++) {
      if (slots.contains(slot) || slot >= roster.slots.size()) {
        newcomers.add(roster.recruit(slot, to));
      }
    }
    roster.workers.values().forEach(worker -> worker.unmoved.clear());
  }

  Kind kind() {
    return kind;
  }

  Stage stage() {
    return stage;
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
        Worker failed = failed();
        if (failed != null) {
          giveUp(how(failed));
        } else if (newcomers.stream().allMatch(w -> w.state == State.READY)) {
          prove();
        }
      }
      case PROVING -> {
        Worker failed = failed();
        if (failed != null) {
          back(how(failed));
        } else if (canary != null) {
          canary.goOn();
          if (!canary.isUnderWay()) {
            judge(canary.failure());
          }
        }
      }
      case GIVING_UP -> {
        if (areGone(newcomers)) {
          stage = Stage.ENDED;
        }
      }
      case MOVING -> {
        if (areGone(leavers)) {
          stage = Stage.ENDED;
        } else if (roster.nowMs > turnedMs) {
          letGo(leavers);
        }
      }
      case RETURNING -> {
        if (areGone(newcomers)) {
          stage = Stage.ENDED;
        } else if (roster.nowMs > turnedMs) {
          letGo(newcomers);
        }
      }
      case ENDED -> {}
    }
  }

  private @Nullable Worker failed() {
    return newcomers.stream()
        .filter(worker -> worker.end != null || worker.state == State.ENDING)
        .findFirst()
        .orElse(null);
  }

  private static String how(Worker failed) {
    String how = failed.readyMs < 0 ? "could not start" : "did not stay up";
    return "%s %s: %s".formatted(failed, how, failed.end == null ? failed.reason : failed.end);
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

  /** Those who serve in the slots that are replaced. */
  private List<Worker> former() {
    List<Worker> all = new ArrayList<>();
    for (int slot : slots) {
      Worker worker = roster.slots.get(slot).worker;
      if (worker != null) {
        all.add(worker);
      }
    }
    return all;
  }

  /** Some connections move first, if it is new code that they move to. */
  private void prove() {
    if (kind == Kind.RELOAD && to.settings().fleet().migration().canary() > 0) {
      stage = Stage.PROVING;
      canary = new Canary(roster, to, newcomers, former());
    } else {
      turn();
    }
  }

  private void judge(String why) {
    if (why.isEmpty()) {
      newcomers.forEach(newcomer -> newcomer.leave = null);
      turn();
    } else {
      back(why);
    }
  }

  /** The newcomers serve, the others leave. */
  private void turn() {
    stage = Stage.MOVING;
    turned = true;
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

  /** The newcomers leave, and what they have goes back to the former workers. */
  private void back(String why) {
    failure = why;
    stage = Stage.RETURNING;
    turnedMs = roster.nowMs;
    if (canary != null && canary.isUnderWay()) {
      canary.fail(why);
    }
    former().forEach(worker -> worker.leave = null);
    for (Worker newcomer : newcomers) {
      if (newcomer.end == null) {
        leaving.leave(newcomer);
      }
    }
  }

  // Undoing it.

  /** Why it cannot be undone now; empty if it can. */
  String whyNotAborted() {
    return switch (stage) {
      case STARTING, PROVING -> "";
      case GIVING_UP, RETURNING -> "it is being undone already: " + failure;
      case MOVING ->
          leavers.stream().anyMatch(Worker::isUp)
              ? ""
              : "no worker of generation %d is left; deploy what it had with bin/reload"
                  .formatted(from.number());
      case ENDED -> "it has ended";
    };
  }

  /** The former workers serve again. Only if there is no reason why not. */
  void abort() {
    String why = "aborted by bin/reload --abort";
    switch (stage) {
      case STARTING -> giveUp(why);
      case PROVING -> back(why);
      case MOVING -> turnBack(why);
      case GIVING_UP, RETURNING, ENDED -> {}
    }
  }

  /** As {@link #turn}, the other way round; slots whose former worker has ended get a fresh one. */
  private void turnBack(String why) {
    turned = false;
    roster.become(from.after(to));
    for (Slot slot : roster.slots) {
      Worker serving = slot.worker;
      slot.worker = null;
      if (serving != null && !newcomers.contains(serving)) {
        newcomers.add(serving); // it took the place of one that died
      }
    }
    roster.resize(sizeBefore);
    for (Worker former : leavers) {
      if (former.isUp()) {
        former.duty = Duty.SERVING;
        roster.slots.get(former.slot).occupy(former);
      }
    }
    List<Worker> ending = leavers.stream().filter(w -> w.end == null && !w.isUp()).toList();
    leavers.clear();
    back(why);
    newcomers.addAll(ending); // they are waited for, too
  }

  private void letGo(List<Worker> workers) {
    for (Worker worker : workers) {
      if (worker.end == null && worker.leave != null) {
        leaving.goOn(worker, worker.leave);
      }
    }
  }

  /** Also what they gave has arrived somewhere: only then it is known what became of it. */
  private static boolean areGone(List<Worker> workers) {
    return workers.stream().allMatch(worker -> worker.end != null && worker.away == 0);
  }

  /** The server stops: that is the end of this, too. */
  void stop() {
    if (stage == Stage.STARTING) {
      giveUp("the server is stopping");
    }
    if (canary != null && canary.isUnderWay()) {
      canary.end();
    }
    failure = "the server is stopping";
    stage = Stage.ENDED;
  }

  /**
   * It ends now, for others to begin.
   *
   * @return those who are still there; their leave goes on
   */
  List<Worker> supersede() {
    failure = "superseded by another reload; " + describeLeft();
    superseded = true;
    stage = Stage.ENDED;
    return leavers.stream().filter(worker -> worker.end == null || worker.away > 0).toList();
  }

  // What is said of it.

  /** What is waited for. */
  String describe() {
    return switch (stage) {
      case STARTING ->
          "%d of %d new workers are ready"
              .formatted(
                  newcomers.stream().filter(w -> w.state == State.READY).count(), newcomers.size());
      case PROVING -> canary == null ? "" : canary.describe();
      case GIVING_UP, RETURNING -> failure;
      case MOVING -> describeLeft();
      case ENDED -> "ended";
    };
  }

  private String describeLeft() {
    List<String> held =
        leavers.stream()
            .filter(w -> w.end == null && !w.held.isEmpty())
            .map(w -> w.held)
            .distinct()
            .toList();
    return "%s left on %s%s"
        .formatted(
            Units.count(leavers.stream().mapToInt(Replacement::left).sum(), "connection"),
            Units.count(leavers.stream().filter(w -> w.end == null).count(), "worker"),
            held.isEmpty() ? "" : ": " + String.join("; ", held));
  }

  private static int left(Worker leaver) {
    return leaver.end == null ? leaver.sessions() + leaver.away : leaver.away;
  }

  /** How it went; once it has ended. */
  Outcome outcome() {
    Left left = new Left(failure.isEmpty() || turned ? leavers : newcomers);
    return new Outcome(
        kind,
        end(left),
        from.number(),
        roster.current().number(),
        turned ? newcomers.size() : 0,
        leavers.size(),
        left.migrated(),
        left.finished(),
        left.closed(),
        roster.nowMs - startMs,
        failure,
        left.details());
  }

  private End end(Left left) {
    if (!failure.isEmpty()) {
      return superseded ? End.SUPERSEDED : End.FAILED;
    }
    return left.isComplete() ? End.DONE : End.INCOMPLETE;
  }
}
