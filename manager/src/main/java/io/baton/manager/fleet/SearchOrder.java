package io.baton.manager.fleet;

import io.baton.manager.fleet.FleetView.Phase;
import io.baton.manager.fleet.Worker.Duty;
import io.baton.manager.fleet.Worker.State;
import io.baton.pipe.HandoffKind.Search;
import org.jspecify.annotations.Nullable;

/**
 * The order in which workers are asked for a session, each once: the one that has it as far as is
 * known; that of the slot in which it began; those that leave that slot; the others that serve;
 * those that leave; newcomers; and last the one that gave the connection. All of them only if their
 * generation has the listener.
 */
final class SearchOrder {
  private final Roster roster;

  SearchOrder(Roster roster) {
    this.roster = roster;
  }

  /** Returns the worker to be asked now; null if there is none with room. */
  @Nullable Worker first(Seeker seeker) {
    Worker next = seeker.next;
    if (next != null && isAskable(next, seeker)) {
      return hasRoom(next) ? next : null;
    }
    Worker best = null;
    for (Worker worker : roster.workers.values()) {
      if (isAskable(worker, seeker)
          && hasRoom(worker)
          && (best == null || rank(worker, seeker) < rank(best, seeker))) {
        best = worker;
      }
    }
    return best;
  }

  /**
   * Returns what is known of the search if no worker can be asked now: ASK if one can be later, or
   * is about to end.
   */
  Search outcome(Seeker seeker) {
    boolean allAsked = !seeker.unsure;
    for (Worker worker : roster.workers.values()) {
      if (isUnasked(worker, seeker)) {
        switch (worker.state) {
          case STARTING -> {} // it has no session
          case READY, ENDING -> {
            return Search.ASK;
          }
          case DRAINING -> {
            if (roster.phase == Phase.RUNNING) {
              return Search.ASK; // its end comes soon
            }
            allAsked = false;
          }
          case HUNG -> allAsked = false;
        }
      }
    }
    return allAsked ? Search.NOWHERE : Search.UNANSWERED;
  }

  private static boolean isAskable(Worker worker, Seeker seeker) {
    return worker.state == State.READY && isUnasked(worker, seeker);
  }

  private static boolean isUnasked(Worker worker, Seeker seeker) {
    return worker.generation.has(seeker.handoff.listener) && !seeker.handoff.wasRefusedBy(worker);
  }

  private boolean hasRoom(Worker worker) {
    return worker.credit(roster.policy(), roster.nowMs) > 0;
  }

  /** Returns the worker's place: a lower one is asked earlier. */
  private static int rank(Worker worker, Seeker seeker) {
    if (worker == seeker.source) {
      return 5;
    }
    if (worker.duty == Duty.NEXT) {
      return 4; // it has few sessions, those that it is tried with
    }
    int ofSlot = worker.slot == seeker.slot ? 0 : 2;
    return worker.duty == Duty.SERVING ? ofSlot : ofSlot + 1;
  }
}
