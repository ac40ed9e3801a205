package io.baton.manager.fleet;

import io.baton.manager.fleet.Worker.Duty;
import io.baton.manager.fleet.Worker.State;
import io.baton.pipe.Message.Drain;

/**
 * What is done with workers in whose place others serve now. They go on serving what they have,
 * while they give it away as {@link Allowances} let them.
 *
 * <pre>
 *   LEAVING ──┬── nothing left ──► Drain ──────────────────► exits with 0
 *             └── drain-timeout ─► Drain, with a goodbye ──► exits with 0, or is killed
 * </pre>
 */
final class Leavers {
  /** For what has no session, such as clients that are being turned away. */
  private static final long EMPTY_DRAIN_MS = 1_000;

  /** For goodbyes to those that could not be moved in time; at most. */
  private static final long GOODBYE_MS = 5_000;

  /** How much longer than its drain a worker may take to end. */
  private static final long EXIT_MS = 5_000;

  private final Roster roster;
  private final Dispatcher dispatcher;

  Leavers(Roster roster, Dispatcher dispatcher) {
    this.roster = roster;
    this.dispatcher = dispatcher;
  }

  /** Others serve from now on. */
  void leave(Worker worker) {
    worker.duty = Duty.LEAVING;
    if (worker.leave == null) {
      worker.leave = new Leave(0);
    }
    worker.leave.deadlineMs = roster.nowMs + roster.policy().drainTimeoutMs();
    if (worker.state == State.STARTING) {
      roster.dismiss(worker); // it has nobody
    }
  }

  /** Does what the moment calls for. */
  void goOn(Worker worker, Leave leave) {
    switch (worker.state) {
      case READY, HUNG -> {
        if (roster.nowMs >= leave.deadlineMs) {
          leave.isOver = true;
          drain(worker, leave, Math.min(roster.policy().drainTimeoutMs(), GOODBYE_MS));
        } else if (worker.state == State.READY && isEmpty(worker)) {
          drain(worker, leave, EMPTY_DRAIN_MS);
        }
      }
      case DRAINING -> {
        if (roster.nowMs > leave.goneByMs) {
          roster.kill(worker, "should have ended after its drain");
        }
      }
      case STARTING, ENDING -> {} // it is about to be gone
    }
  }

  /**
   * It has nobody, and nobody is on the way to it. That may change in the moment of the change of
   * generations, when the last clients of listeners that are gone come in.
   */
  private boolean isEmpty(Worker worker) {
    return worker.sessions() == 0
        && worker.untaken.isEmpty()
        && worker.away == 0
        && !dispatcher.isAwaited(worker);
  }

  private void drain(Worker worker, Leave leave, long timeoutMs) {
    leave.goneByMs = roster.nowMs + timeoutMs + EXIT_MS;
    roster.enter(worker, State.DRAINING);
    roster.add(new Effect.Tell(worker.id, new Drain((int) timeoutMs)));
  }
}
