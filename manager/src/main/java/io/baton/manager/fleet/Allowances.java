package io.baton.manager.fleet;

import io.baton.manager.fleet.FleetView.Phase;
import io.baton.manager.fleet.Worker.Duty;
import io.baton.manager.fleet.Worker.State;
import io.baton.pipe.Message.AllowMigrations;
import io.baton.pipe.Message.First;

/**
 * How many connections each worker may give away.
 *
 * <p>A connection on its way is not served, so at most {@code max-frozen} may be: what is allowed
 * and not yet given, of all workers, and what was given and not yet taken; and no more than the
 * window of {@link Moves}. Workers that leave share it evenly, so that one that is stuck keeps the
 * others from nothing.
 *
 * <p>An allowance is raised when half of a share is free, not for each connection. What is taken
 * back counts as free at once; what its worker gave before it heard of that comes on top.
 */
final class Allowances {
  private final Roster roster;
  private final Moves moves;

  Allowances(Roster roster, Moves moves) {
    this.roster = roster;
    this.moves = moves;
  }

  /** Does what the moment calls for; after every event. */
  void goOn() {
    int outstanding = 0;
    int givers = 0;
    for (Worker worker : roster.workers.values()) {
      if (worker.outstanding() > 0 && worker.isUp()) {
        renew(worker);
      }
      outstanding += worker.outstanding();
      givers += isToGive(worker) ? 1 : 0;
    }
    if (givers == 0) {
      return;
    }
    int most = roster.policy().migration().maxFrozen();
    int window = Math.min(most, Math.max(moves.window(), givers));
    int share = Math.max(1, window / givers);
    int free = window - outstanding - moves.underWay();
    if (free <= 0) {
      free += takeBack(share);
    }
    for (Worker worker : roster.workers.values()) {
      if (worker.state == State.READY && isToGive(worker)) {
        free -= raise(worker, share, free);
      }
    }
  }

  /** What it may give and has not may be for nothing any more, or of something else. */
  private void renew(Worker worker) {
    if (!isToGive(worker)) {
      allow(worker, worker.given);
    } else if (worker.duty == Duty.LEAVING && first(worker) != worker.givesFirst) {
      allow(worker, worker.granted); // it was allowed before it left
    }
  }

  /** Whether it has what others could serve. */
  private boolean isToGive(Worker worker) {
    return roster.phase == Phase.RUNNING
        && worker.isUp()
        && (worker.duty == Duty.LEAVING || worker.quota > worker.given)
        && (worker.canary != null || roster.slots.stream().anyMatch(slot -> isTaker(slot, worker)));
  }

  private static boolean isTaker(Slot slot, Worker giver) {
    return slot.worker != null && slot.worker != giver && slot.worker.state == State.READY;
  }

  /**
   * The window is smaller than it was: those that have not used what they were allowed keep the
   * others from nothing.
   *
   * @return how much was taken back
   */
  private int takeBack(int share) {
    int taken = 0;
    for (Worker worker : roster.workers.values()) {
      int beyond = worker.outstanding() - share;
      if (beyond > 0 && worker.isUp()) {
        allow(worker, worker.given + share);
        taken += beyond;
      }
    }
    return taken;
  }

  /** Returns by how much it was raised. */
  private int raise(Worker worker, int share, int free) {
    int has = worker.outstanding();
    long movable = worker.duty == Duty.LEAVING ? movable(worker) : worker.quota - worker.given;
    int wanted = (int) Math.min(movable, share - worker.away);
    int by = Math.min(wanted - has, free);
    int step = (int) Math.min(movable, share) / 2;
    boolean isIdle = has + worker.away == 0;
    if (by <= 0 || (by < step && !isIdle)) {
      return 0;
    }
    allow(worker, worker.given + has + by);
    return by;
  }

  /** Connections of listeners that are gone stay where they are: no other worker serves them. */
  private int movable(Worker worker) {
    return roster.current().listeners().stream()
        .mapToInt(each -> worker.connections.open(each) + worker.awaySessions.open(each))
        .sum();
  }

  private void allow(Worker worker, long total) {
    worker.grant(total);
    // Of a worker that goes on, those that keep it busy; of one that leaves, those who mind least.
    worker.givesFirst = first(worker);
    roster.add(new Effect.Tell(worker.id, new AllowMigrations(total, worker.givesFirst)));
  }

  private static First first(Worker worker) {
    if (worker.canary != null) {
      return First.VARIED;
    }
    return worker.duty == Duty.LEAVING ? First.IDLEST : First.LIVELIEST;
  }
}
