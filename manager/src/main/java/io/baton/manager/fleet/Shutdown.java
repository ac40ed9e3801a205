package io.baton.manager.fleet;

import io.baton.manager.fleet.Effect.Severity;
import io.baton.manager.fleet.FleetView.Phase;
import io.baton.manager.fleet.Worker.State;
import io.baton.manager.text.Units;
import io.baton.pipe.Message.Drain;

/**
 * The server's own end.
 *
 * <pre>
 *   graceful:  stop listening ──► all accepted clients are taken ──► drain the workers ──► finished
 *                      └────────────────── drain-timeout: kill ─────────────┘
 *   a failed start: stop listening, kill ──► finished
 * </pre>
 */
final class Shutdown {
  /** What workers are given less than the server gives itself, to end by themselves. */
  private static final long MARGIN_MS = 1_000;

  private final Roster roster;
  private final Dispatcher dispatcher;

  private long deadlineMs = Long.MAX_VALUE;
  private boolean listening = true;
  private boolean draining;
  private String failure = "";

  Shutdown(Roster roster, Dispatcher dispatcher) {
    this.roster = roster;
    this.dispatcher = dispatcher;
  }

  /** The server cannot start: the first reason stands. */
  void fail(String why) {
    if (failure.isEmpty()) {
      failure = why;
    }
    begin();
    killAll();
  }

  void stop(boolean now) {
    switch (roster.phase) {
      case BOOTING -> fail("stopped before all workers were ready");
      case RUNNING -> {
        long timeoutMs = now ? MARGIN_MS : roster.policy.drainTimeoutMs();
        deadlineMs = roster.nowMs + timeoutMs;
        begin();
        roster.report(
            Severity.INFO,
            "stopping: the workers finish what they have, within " + Units.duration(timeoutMs));
      }
      case STOPPING -> {
        if (now) {
          deadlineMs = Math.min(deadlineMs, roster.nowMs + MARGIN_MS);
          draining = false; // again, with less time
        }
      }
      case STOPPED -> {}
    }
  }

  private void begin() {
    roster.phase = Phase.STOPPING;
    roster.add(new Effect.StopListening());
  }

  void listenersClosed() {
    listening = false;
  }

  boolean isAFailedStart() {
    return !failure.isEmpty();
  }

  /** Does what the moment calls for; after every event while STOPPING. */
  void goOn() {
    if (roster.nowMs >= deadlineMs) {
      dispatcher.endAll();
      killAll();
    } else if (!draining && (isSettled() || remainingMs() <= MARGIN_MS)) {
      draining = true;
      drain();
    }
    if (roster.workers.isEmpty() && !listening) {
      dispatcher.endAll();
      roster.phase = Phase.STOPPED;
      roster.add(new Effect.Finished(failure));
    }
  }

  /** Every client that was ever accepted has a worker. */
  private boolean isSettled() {
    return !listening && dispatcher.owned() == 0;
  }

  private long remainingMs() {
    return deadlineMs - roster.nowMs;
  }

  private void drain() {
    int timeoutMs = (int) Math.max(0, remainingMs() - MARGIN_MS);
    for (Worker worker : roster.workers.values()) {
      switch (worker.state) {
        case STARTING -> roster.kill(worker); // nobody is served by it yet
        case READY, HUNG, DRAINING -> {
          roster.enter(worker, State.DRAINING);
          roster.add(new Effect.Tell(worker.id, new Drain(timeoutMs)));
        }
        case ENDING -> {}
      }
    }
  }

  private void killAll() {
    for (Worker worker : roster.workers.values()) {
      if (worker.state != State.ENDING) {
        roster.kill(worker);
      }
    }
  }
}
