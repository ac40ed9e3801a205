package io.baton.manager.fleet;

import io.baton.config.WorkerSettings;
import io.baton.manager.fleet.Effect.Severity;
import io.baton.manager.fleet.FleetView.Phase;
import io.baton.manager.fleet.Worker.State;
import io.baton.manager.text.Units;
import org.jspecify.annotations.Nullable;

/**
 * Has a worker replaced that has no memory left, or has come to a bound which the configuration
 * sets; one at a time.
 */
final class Recycler {
  /** After a replacement failed, workers are left as they are for so long. */
  static final long RETRY_MS = 60_000;

  private final Roster roster;
  private final Replacements replacements;

  Recycler(Roster roster, Replacements replacements) {
    this.roster = roster;
    this.replacements = replacements;
  }

  /** Looks at everybody. */
  void tick() {
    if (roster.phase != Phase.RUNNING
        || replacements.isUnderWay()
        || roster.nowMs < replacements.failedMs() + RETRY_MS) {
      return;
    }
    for (Slot slot : roster.slots) {
      Worker worker = slot.worker;
      String bound = worker == null || worker.state != State.READY ? null : bound(worker);
      if (bound != null) {
        roster.report(Severity.INFO, worker + " has " + bound + ": replacing it");
        replacements.recycleOne(slot);
        return;
      }
    }
  }

  /** What it has come to; null if all is well. */
  private @Nullable String bound(Worker worker) {
    if (worker.exhausted != null) {
      return "no memory left";
    }
    if (worker.standstill != null) {
      return "a lane that stands still (lane-hang-timeout)";
    }
    WorkerSettings.Recycle most = roster.current().settings().worker().recycle();
    long rss = worker.load.rssBytes();
    if (most.maxRssBytes() > 0 && rss > most.maxRssBytes()) {
      return "%s of resident memory (max-rss is %s)"
          .formatted(Units.bytes(rss), Units.bytes(most.maxRssBytes()));
    }
    long ageMs = roster.nowMs - worker.readyMs;
    if (most.maxAgeMs() > 0 && ageMs > most.maxAgeMs()) {
      return "served for %s (max-age is %s)"
          .formatted(Units.duration(ageMs), Units.duration(most.maxAgeMs()));
    }
    if (most.maxConnectionsServed() > 0 && worker.taken >= most.maxConnectionsServed()) {
      return "taken %s (max-connections-served is %s)"
          .formatted(
              Units.count(worker.taken, "connection"), Units.count(most.maxConnectionsServed()));
    }
    return null;
  }
}
