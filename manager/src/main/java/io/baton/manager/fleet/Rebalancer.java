package io.baton.manager.fleet;

import io.baton.config.FleetSettings;
import io.baton.manager.fleet.Balance.Move;
import io.baton.manager.fleet.Balance.Share;
import io.baton.manager.fleet.Effect.Severity;
import io.baton.manager.fleet.FleetView.Phase;
import io.baton.manager.fleet.Worker.State;
import io.baton.manager.text.Units;
import java.util.ArrayList;
import java.util.List;

/**
 * Lets a worker that has too much to do give some of its connections to those that have not; what
 * {@link Balance} says, at most once in {@code pause}, and never while workers are replaced.
 */
final class Rebalancer {
  private final Roster roster;
  private final Replacements replacements;
  private final Balance balance = new Balance();
  private long nextMs;
  private long count;

  Rebalancer(Roster roster, Replacements replacements) {
    this.roster = roster;
    this.replacements = replacements;
  }

  /** How often connections were moved. */
  long count() {
    return count;
  }

  /** Looks, if it is time. */
  void tick() {
    FleetSettings.Rebalance rule = roster.policy().rebalance();
    if (rule.intervalMs() == 0 || roster.phase != Phase.RUNNING || replacements.isUnderWay()) {
      balance.forget();
      return;
    }
    if (roster.nowMs < nextMs) {
      return;
    }
    nextMs = roster.nowMs + rule.intervalMs();
    List<Share> shares = new ArrayList<>();
    for (Slot slot : roster.slots) {
      Worker worker = slot.worker;
      if (worker != null && worker.state == State.READY) {
        worker.quota = 0; // what it has not given by now, it keeps
        shares.add(new Share(worker.id, worker.load.busyPermille(), worker.connections.total()));
      }
    }
    Move move = balance.look(rule, shares);
    if (move != null) {
      begin(move, rule);
    }
  }

  private void begin(Move move, FleetSettings.Rebalance rule) {
    Worker worker = roster.known(move.from());
    worker.quota = worker.given + move.connections();
    nextMs = roster.nowMs + rule.pauseMs();
    count++;
    balance.forget();
    String moving =
        "%s is %d %% busy: moving %s of its %s connections"
            .formatted(
                worker,
                worker.load.busyPermille() / 10,
                Units.count(move.connections()),
                Units.count(worker.connections.total()));
    roster.report(
        Severity.INFO,
        "%s, so that workers differ by about %d rather than %d points; the next look is in %s"
            .formatted(
                moving,
                move.spreadAfter() / 10,
                move.spreadBefore() / 10,
                Units.duration(rule.pauseMs())));
  }
}
