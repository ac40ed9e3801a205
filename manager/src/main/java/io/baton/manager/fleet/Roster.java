package io.baton.manager.fleet;

import io.baton.config.Settings;
import io.baton.manager.fleet.Effect.How;
import io.baton.manager.fleet.Effect.Severity;
import io.baton.manager.fleet.FleetView.Phase;
import io.baton.manager.fleet.Worker.State;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the parts of a fleet share: the slots, who is there, the time, and what is to be done. */
final class Roster {
  static final int GENERATION = 1;

  /**
   * Ticks come far more often. A manager that sees nothing for so long was stopped itself, and that
   * is nobody else's silence.
   */
  private static final long MAX_STEP_MS = 1_000;

  final Settings.Fleet policy;
  final List<Settings.Listener> listeners;
  final Slot[] slots;
  final Map<Long, Worker> workers = new LinkedHashMap<>();

  Phase phase = Phase.BOOTING;
  long nowMs;

  /** Time in which the manager itself did not run, which counts for nobody. */
  private long pausedMs;

  private final List<Effect> effects = new ArrayList<>();
  private long lastWorker;

  Roster(Settings settings, long nowMs) {
    this.policy = settings.fleet();
    this.listeners = settings.listeners();
    this.nowMs = nowMs;
    this.slots = new Slot[settings.workers()];
    for (int i = 0; i < slots.length; i++) {
      slots[i] = new Slot(i);
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

  Slot slotOf(Worker worker) {
    return slots[worker.slot];
  }

  /** Starts a worker in an empty slot. */
  void fill(Slot slot) {
    Worker worker = new Worker(++lastWorker, slot.index, GENERATION, new Census(listeners), nowMs);
    workers.put(worker.id, worker);
    slot.worker = worker;
    if (lastWorker > slots.length) {
      slot.restarts++;
    }
    add(new Effect.Spawn(worker.id, slot.index, GENERATION));
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

  void kill(Worker worker) {
    enter(worker, State.ENDING);
    add(new Effect.Kill(worker.id, How.KILL));
  }
}
