package io.baton.manager.fleet;

import io.baton.manager.fleet.Worker.Duty;
import io.baton.manager.placement.Candidate;
import java.util.ArrayList;
import java.util.List;

/**
 * Which workers may have a handoff.
 *
 * <p>Those that serve, if the current generation has its listener; of a listener that is gone,
 * those that are leaving and still have it; for a connection on trial, the newcomers. Never one
 * that has refused it, nor, as if it were another, the one that it came from: that is asked when no
 * other is left.
 */
final class Takers {
  private final Roster roster;

  Takers(Roster roster) {
    this.roster = roster;
  }

  /**
   * Those that have room for it now, in the order of their slots; of workers that are stuck only if
   * all are. Asked for each connection.
   */
  List<Candidate> withRoom(Handoff handoff) {
    List<Worker> workers = of(handoff);
    List<Candidate> those = withRoom(handoff, workers, false);
    return those.isEmpty() ? withRoom(handoff, workers, true) : those;
  }

  private List<Candidate> withRoom(Handoff handoff, List<Worker> workers, boolean stuck) {
    List<Candidate> those = new ArrayList<>(workers.size());
    for (Worker worker : workers) {
      boolean isStuck = worker.stuck != null;
      if (isStuck == stuck && hasRoom(worker) && isAnother(handoff, worker)) {
        those.add(worker.candidate());
      }
    }
    return those;
  }

  /** One that lives may have it, now or later. */
  boolean isAnyLeft(Handoff handoff) {
    return of(handoff).stream().anyMatch(worker -> worker.isUp() && isAnother(handoff, worker));
  }

  /** Where it came from may have it back, now or later. */
  boolean mayReturn(Handoff handoff) {
    Worker source = handoff.source;
    return source != null && source.isUp() && !handoff.wasRefusedBy(source);
  }

  /** Where it came from has room for it now. */
  boolean canReturn(Handoff handoff) {
    return mayReturn(handoff) && handoff.source != null && hasRoom(handoff.source);
  }

  /** It is of a listener that the current generation does not have. */
  boolean isOfThePast(Handoff handoff) {
    return !roster.current().has(handoff.listener);
  }

  /** No worker that is there will have it, nor one that may come. */
  boolean isLost(Handoff handoff) {
    if (isAnyLeft(handoff) || mayReturn(handoff)) {
      return false;
    }
    return isOfThePast(handoff)
        || of(handoff).stream().anyMatch(worker -> worker.isUp() && handoff.wasRefusedBy(worker));
  }

  /** Whether this leaver is the only kind of worker that a client who waits can go to. */
  boolean isAwaited(Handoff handoff, Worker leaver) {
    return isOnlyOf(handoff, leaver) && isAnother(handoff, leaver);
  }

  /** Whether only workers such as this leaver have its listener. */
  boolean isOnlyOf(Handoff handoff, Worker leaver) {
    return isOfThePast(handoff) && leaver.generation.has(handoff.listener);
  }

  private boolean hasRoom(Worker worker) {
    return worker.credit(roster.policy(), roster.nowMs) > 0;
  }

  private static boolean isAnother(Handoff handoff, Worker worker) {
    return worker != handoff.source && !handoff.wasRefusedBy(worker);
  }

  /** The workers that serve this handoff's listener. */
  private List<Worker> of(Handoff handoff) {
    if (handoff.isOnTrial() && handoff.canary != null) {
      // All newcomers have the same code: what one cannot read none is to be troubled with.
      return handoff.unreadable.isEmpty() ? handoff.canary.takers(handoff.listener) : List.of();
    }
    List<Worker> those = new ArrayList<>(roster.slots.size());
    if (isOfThePast(handoff)) {
      for (Worker worker : roster.workers.values()) {
        if (worker.duty == Duty.LEAVING && worker.generation.has(handoff.listener)) {
          those.add(worker);
        }
      }
    } else {
      for (Slot slot : roster.slots) {
        if (slot.worker != null) {
          those.add(slot.worker);
        }
      }
    }
    return those;
  }
}
