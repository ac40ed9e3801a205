package io.baton.manager.fleet;

import io.baton.config.FleetSettings;
import io.baton.manager.fleet.FleetView.Phase;
import io.baton.manager.fleet.Worker.Duty;
import io.baton.manager.text.Units;
import io.baton.pipe.Message.Ping;
import java.util.List;

/** What passing time does to workers and slots: pings, hangs, stalls, late starts, back-off. */
final class Supervisor {
  private final Roster roster;

  Supervisor(Roster roster) {
    this.roster = roster;
  }

  /** Looks at everybody. */
  void tick() {
    for (Worker worker : List.copyOf(roster.workers.values())) {
      age(worker, roster.nowMs - worker.sinceMs);
    }
    if (roster.phase == Phase.BOOTING || roster.phase == Phase.RUNNING) {
      for (Slot slot : roster.slots) {
        if (slot.isDue(roster.nowMs)) {
          roster.fill(slot);
        }
      }
    }
  }

  private void age(Worker worker, long inStateMs) {
    FleetSettings policy = roster.policy();
    switch (worker.state) {
      case STARTING -> {
        // What a newcomer may take, the configuration says that it comes with.
        long timeoutMs = worker.generation.settings().fleet().supervision().startTimeoutMs();
        if (inStateMs > timeoutMs) {
          startsTooLong(worker, inStateMs - timeoutMs, timeoutMs);
        }
      }
      case READY -> {
        if (worker.duty == Duty.SERVING && inStateMs > policy.backoff().stableAfterMs()) {
          roster.slots.get(worker.slot).forgive();
        }
        listen(worker, roster.nowMs - worker.heardMs);
        recallIfStalled(worker);
      }
      case HUNG -> {
        recallIfStalled(worker);
        if (inStateMs > policy.supervision().dumpGraceMs()) {
          roster.kill(worker, "hung");
        }
      }
      case DRAINING, ENDING -> {} // a deadline, or its death, comes
    }
  }

  /** A module's start hangs, perhaps: where, is in the stacks. */
  private void startsTooLong(Worker worker, long overMs, long timeoutMs) {
    if (!worker.dumped) {
      worker.dumped = true;
      roster.add(new Effect.Kill(worker.id, Effect.How.DUMP));
    } else if (overMs > roster.policy().supervision().dumpGraceMs()) {
      String limit = Units.duration(timeoutMs);
      roster.kill(
          worker,
          "was not ready after " + limit + " (start-timeout); where it was, is in its output");
    }
  }

  /** Asks a silent worker whether it lives, and takes it for hung after too long a silence. */
  private void listen(Worker worker, long silentMs) {
    FleetSettings.Supervision policy = roster.policy().supervision();
    if (policy.hangTimeoutMs() > 0 && silentMs > policy.hangTimeoutMs()) {
      roster.suspect(
          worker, "has said nothing for " + Units.duration(silentMs) + " (hang-timeout)");
    } else if (silentMs > policy.pingIntervalMs()
        && roster.nowMs - worker.pingedMs > policy.pingIntervalMs()) {
      worker.pingedMs = roster.nowMs;
      roster.add(new Effect.Tell(worker.id, new Ping(roster.nowMs)));
    }
  }

  /** What a stuck worker has not received goes to the others, if there is one that can take it. */
  private void recallIfStalled(Worker worker) {
    FleetSettings policy = roster.policy();
    if (worker.recalled || !worker.isStalled(policy, roster.nowMs)) {
      return;
    }
    for (Slot slot : roster.slots) {
      if (slot.worker != null && slot.worker.credit(policy, roster.nowMs) > 0) {
        worker.recalled = true;
        roster.add(new Effect.Recall(worker.id));
        return;
      }
    }
  }
}
