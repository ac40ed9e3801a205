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

  final Settings.Fleet policy;
  final Slot[] slots;
  final Map<Long, Worker> workers = new LinkedHashMap<>();

  Phase phase = Phase.BOOTING;
  long nowMs;

  private final List<Effect> effects = new ArrayList<>();
  private long lastWorker;

  Roster(Settings settings, long nowMs) {
    this.policy = settings.fleet();
    this.nowMs = nowMs;
    this.slots = new Slot[settings.workers()];
    for (int i = 0; i < slots.length; i++) {
      slots[i] = new Slot(i);
    }
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
    Worker worker = new Worker(++lastWorker, slot.index, GENERATION, nowMs);
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
