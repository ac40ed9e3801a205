package io.baton.manager.fleet;

import io.baton.manager.fleet.Effect.Severity;
import io.baton.manager.fleet.Worker.Duty;
import io.baton.manager.fleet.Worker.State;
import io.baton.manager.text.Units;
import io.baton.pipe.Load;

/** How workers end, and what that means for their clients and their slot. */
final class Endings {
  private final Roster roster;
  private final Dispatcher dispatcher;
  private final Shutdown shutdown;
  private final CommonForm commonForm;

  /** Of workers that are gone. */
  Load.Counters retired = Load.Counters.NONE;

  long deaths;
  long lost;

  Endings(Roster roster, Dispatcher dispatcher, Shutdown shutdown, CommonForm commonForm) {
    this.roster = roster;
    this.dispatcher = dispatcher;
    this.shutdown = shutdown;
    this.commonForm = commonForm;
  }

  /** Its process has ended, and all that it said was heard. */
  void died(Worker worker, Event.Died event) {
    String how = event.how();
    if (worker.reason != null) {
      gone(worker, event.done(), worker.reason + " (" + how + ")");
      return;
    }
    String said = JvmOutput.reason(event.output(), worker.readyMs >= 0);
    gone(worker, event.done(), said == null ? how : how + ": " + said);
  }

  /**
   * There is no such process, any more or at all.
   *
   * @param done whether it has ended by itself, with nothing left to do
   */
  void gone(Worker worker, boolean done, String why) {
    boolean wasToEnd = worker.isToEnd(done);
    roster.workers.remove(worker.id);
    roster.enter(worker, State.ENDING);
    worker.end = why;
    worker.endedAsWanted = wasToEnd;
    commonForm.gone();
    int untaken = dispatcher.died(worker);
    retired = retired.plus(worker.load.counters());
    lost += worker.sessions();
    if (worker.leave != null) {
      worker.leave.closed += worker.sessions();
    }
    if (!wasToEnd) {
      deaths++;
    }
    switch (roster.phase) {
      case BOOTING -> {
        vacate(worker);
        shutdown.fail(worker + " could not start: " + why);
      }
      case RUNNING -> {
        if (worker.duty == Duty.SERVING) {
          refill(worker, why, untaken);
        } else if (!wasToEnd) {
          roster.report(Severity.ERROR, obituary(worker, why, untaken));
        }
      }
      case STOPPING, STOPPED -> {
        vacate(worker);
        shutdown.gone(worker, !wasToEnd);
        if (!wasToEnd && !shutdown.isAFailedStart()) {
          roster.report(
              Severity.WARN,
              "%s %s while the server was stopping; up to %s ended with it"
                  .formatted(worker, why, Units.count(worker.sessions(), "session")));
        }
      }
    }
  }

  private void vacate(Worker worker) {
    if (worker.duty == Duty.SERVING) {
      roster.slots.get(worker.slot).worker = null;
    }
  }

  private void refill(Worker worker, String why, int untaken) {
    Slot slot = roster.slots.get(worker.slot);
    boolean wasStable =
        worker.readyMs >= 0
            && roster.nowMs - worker.readyMs > roster.policy().backoff().stableAfterMs();
    long delayMs = slot.vacate(wasStable, why, roster.policy(), roster.nowMs);
    String next =
        slot.isBroken(roster.policy())
            ? "slot is broken after " + slot.failures + " failures in a row, next try"
            : "starting another";
    String when = delayMs == 0 ? "now" : "in " + Units.duration(delayMs);
    roster.report(Severity.ERROR, obituary(worker, why, untaken) + "; " + next + " " + when);
  }

  private static String obituary(Worker worker, String why, int untaken) {
    return "%s %s; up to %s ended with it, %d untaken go to other workers"
        .formatted(worker, why, Units.count(worker.sessions(), "connection"), untaken);
  }
}
