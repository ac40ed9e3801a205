package io.baton.manager.fleet;

import io.baton.config.FleetSettings;
import io.baton.manager.fleet.Effect.How;
import io.baton.manager.fleet.Effect.Severity;
import io.baton.manager.fleet.FleetView.Phase;
import io.baton.manager.fleet.Worker.Duty;
import io.baton.manager.fleet.Worker.State;
import io.baton.manager.text.Units;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the parts of a fleet share: the generation that serves, the slots, who is there, the time,
 * and what is to be done.
 *
 * <p>A worker that is SERVING belongs to a slot and to the current generation. Newcomers and
 * leavers are among the workers, but in no slot.
 */
final class Roster {
  /**
   * Ticks come far more often. A manager that sees nothing for so long was stopped itself, and that
   * is nobody else's silence.
   */
  private static final long MAX_STEP_MS = 1_000;

  final Books books = new Books();
  final List<Slot> slots = new ArrayList<>();
  final Map<Long, Worker> workers = new LinkedHashMap<>();

  Phase phase = Phase.BOOTING;
  long nowMs;

  private Generation current;

  /** All generations that have files. */
  private final Set<Integer> generations = new LinkedHashSet<>();

  /** Time in which the manager itself did not run, which counts for nobody. */
  private long pausedMs;

  private final List<Effect> effects = new ArrayList<>();
  private long lastWorker;

  Roster(Generation first, long nowMs) {
    this.current = first;
    this.nowMs = nowMs;
    books.open(first);
    generations.add(first.number());
    resize(first.settings().workers());
  }

  /** The generation that serves. */
  Generation current() {
    return current;
  }

  FleetSettings policy() {
    return current.settings().fleet();
  }

  /** Another generation serves from now on. */
  void become(Generation next) {
    current = next;
    books.open(next);
    add(new Effect.Switch(next));
  }

  /** Workers of this generation may be started. */
  void prepare(Generation next) {
    generations.add(next.number());
  }

  /** Lets go of the generations that have no worker, nor will have one. */
  void forgetUnused() {
    for (int number : List.copyOf(generations)) {
      if (number != current.number()
          && workers.values().stream().noneMatch(w -> w.generation.number() == number)) {
        generations.remove(number);
        add(new Effect.Forget(number));
      }
    }
  }

  /** Slots are added or taken away at the end. Those taken away have no worker any more. */
  void resize(int count) {
    while (slots.size() > count) {
      slots.removeLast();
    }
    while (slots.size() < count) {
      slots.add(new Slot(slots.size()));
    }
  }

  /**
   * The fleet's own time, which stands still while the manager does not run: a step that is too
   * long was such a pause.
   */
  long clock(long realMs) {
    long ownMs = realMs - pausedMs;
    return ownMs - nowMs > MAX_STEP_MS ? nowMs : ownMs;
  }

  /** Sets the time. */
  void advance(long realMs) {
    nowMs = clock(realMs);
    pausedMs = realMs - nowMs;
  }

  /** Adds to what is to be done. */
  void add(Effect effect) {
    effects.add(effect);
  }

  void report(Severity severity, String text) {
    add(new Effect.Report(severity, text));
  }

  /** All that is to be done, for the one who does it. */
  List<Effect> takeEffects() {
    List<Effect> taken = List.copyOf(effects);
    effects.clear();
    return taken;
  }

  Worker known(long id) {
    Worker worker = workers.get(id);
    if (worker == null) {
      throw new IllegalStateException("an event for worker " + id + ", which is not there");
    }
    return worker;
  }

  /** Starts a worker in an empty slot. */
  void fill(Slot slot) {
    slot.start(start(slot.index, current, Duty.SERVING));
  }

  /** Starts a worker that is to have a slot once it is READY. */
  Worker recruit(int slot, Generation generation) {
    return start(slot, generation, Duty.NEXT);
  }

  private Worker start(int slot, Generation generation, Duty duty) {
    Worker worker = new Worker(++lastWorker, slot, generation, duty, nowMs);
    workers.put(worker.id, worker);
    add(new Effect.Spawn(worker.id, slot, generation.number()));
    return worker;
  }

  boolean allReady() {
    for (Slot slot : slots) {
      if (slot.worker == null || slot.worker.state != State.READY) {
        return false;
      }
    }
    return true;
  }

  void enter(Worker worker, State next) {
    worker.enter(next, nowMs);
  }

  /** Ends a worker that has failed. */
  void kill(Worker worker, String reason) {
    worker.reason = reason;
    report(Severity.ERROR, worker + " " + reason + ": killing it");
    kill(worker);
  }

  /** Takes a worker for hung: it writes its stacks, and is killed unless it is heard again. */
  void suspect(Worker worker, String why) {
    enter(worker, State.HUNG);
    report(
        Severity.ERROR,
        "%s %s: asked it for its stacks, killing it in %s"
            .formatted(worker, why, Units.duration(policy().supervision().dumpGraceMs())));
    add(new Effect.Kill(worker.id, How.DUMP));
  }

  /** Ends a worker that is not needed. */
  void dismiss(Worker worker) {
    worker.dismissed = true;
    kill(worker);
  }

  void kill(Worker worker) {
    enter(worker, State.ENDING);
    add(new Effect.Kill(worker.id, How.KILL));
  }
}
