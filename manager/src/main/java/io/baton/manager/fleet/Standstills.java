package io.baton.manager.fleet;

import io.baton.config.FleetSettings;
import io.baton.manager.fleet.Effect.How;
import io.baton.manager.fleet.Effect.Severity;
import io.baton.manager.fleet.Worker.State;
import io.baton.manager.text.Units;
import org.jspecify.annotations.Nullable;

/**
 * Workers that are there and get nowhere: a callback does not end, and nothing else ends meanwhile.
 * New clients go to others ({@link Takers}); where it is configured, the worker is replaced after a
 * while ({@link Recycler}), so that what does not wait for that callback goes on elsewhere.
 *
 * <p>A lane's standstill is the worker's word. Of its event loop the worker can say nothing then,
 * and that is what it is known by.
 */
final class Standstills {
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final Roster roster;

  Standstills(Roster roster) {
    this.roster = roster;
  }

  /** Looks at everybody. */
  void tick() {
    for (Worker worker : roster.workers.values()) {
      boolean was = worker.stuck != null;
      worker.stuck = worker.state == State.READY ? stuck(worker) : null;
      if (!was && worker.stuck != null) {
        roster.report(
            Severity.WARN,
            "%s is stuck: %s; new clients go to others while there are any; its log says where"
                .formatted(worker, worker.stuck));
      } else if (was && worker.stuck == null && worker.state == State.READY) {
        roster.report(Severity.INFO, worker + " gets on again");
      }
      if (worker.state == State.READY && worker.standstill == null) {
        giveUp(worker);
      }
    }
  }

  private static FleetSettings.Supervision policy(Worker worker) {
    return worker.generation.settings().fleet().supervision();
  }

  private @Nullable String stuck(Worker worker) {
    long warningMs = policy(worker).callbackWarningMs();
    if (warningMs == 0) {
      return null;
    }
    long laneMs = laneMs(worker);
    if (laneMs >= warningMs) {
      return "a lane has finished nothing for " + Units.duration(laneMs);
    }
    long silentMs = roster.nowMs - worker.heardMs;
    return silentMs - policy(worker).pingIntervalMs() >= warningMs
        ? "it has said nothing for " + Units.duration(silentMs)
        : null;
  }

  private static long laneMs(Worker worker) {
    return worker.load.callbacks().standstillNanos() / NANOS_PER_MILLI;
  }

  private void giveUp(Worker worker) {
    long limitMs = policy(worker).laneHangTimeoutMs();
    if (limitMs > 0 && laneMs(worker) >= limitMs) {
      worker.standstill = Units.duration(limitMs);
      roster.report(
          Severity.ERROR,
          "%s has finished nothing in a lane for %s (lane-hang-timeout): asked it for its stacks"
              .formatted(worker, worker.standstill));
      roster.add(new Effect.Kill(worker.id, How.DUMP));
    }
  }
}
