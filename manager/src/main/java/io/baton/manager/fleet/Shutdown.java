package io.baton.manager.fleet;

import io.baton.config.ClusterSettings;
import io.baton.manager.fleet.Effect.Severity;
import io.baton.manager.fleet.FleetView.Phase;
import io.baton.manager.fleet.Worker.State;
import io.baton.manager.text.Units;
import io.baton.pipe.Message.Drain;
import io.baton.pipe.Message.Redirect;
import io.baton.pipe.Message.Redirected;

/**
 * The server's own end.
 *
 * <pre>
 *   graceful:  refuse new clients ──► close the listeners ──► all accepted clients are taken
 *                ──► drain the workers ──► finished                   (drain-timeout: kill)
 *   a failed start: close the listeners, kill ──► finished
 * </pre>
 */
final class Shutdown {
  /** What workers are given less than the server gives itself, at most, to end by themselves. */
  private static final long MAX_MARGIN_MS = 1_000;

  /** How long {@code --now} takes at most. */
  private static final long NOW_MS = 1_000;

  /**
   * Between refusing new clients and closing the listeners: for those who have our answer to their
   * SYN and believe to be connected. Where the kernel does not let them be accepted before they say
   * something, they have as long for it as a worker leaves those that it has.
   */
  private static final long HANDSHAKE_MS = 500;

  private final Roster roster;
  private final Dispatcher dispatcher;

  private long deadlineMs = Long.MAX_VALUE;
  private long closeMs;
  private long marginMs;
  private boolean listening = true;
  private boolean closing;
  private boolean draining;
  private String failure = "";

  /** Workers are told to have other machines take their sessions. */
  private boolean redirects;

  private String whyUndrained = "";
  private long strandedBefore;
  private long taken;
  private long ended;
  private long lost;
  private long lostWithWorkers;

  Shutdown(Roster roster, Dispatcher dispatcher) {
    this.roster = roster;
    this.dispatcher = dispatcher;
  }

  /** The server cannot start: the first reason stands. */
  void fail(String why) {
    if (failure.isEmpty()) {
      failure = why;
    }
    roster.phase = Phase.STOPPING;
    closeMs = roster.nowMs;
    killAll();
  }

  /** Begins the end, or hurries it. */
  void stop(StopMode mode) {
    if (mode == StopMode.DRAIN && !redirects && whyUndrained.isEmpty()) {
      whyUndrained = whyUndrained();
    }
    switch (roster.phase) {
      case BOOTING -> fail("stopped before all workers were ready");
      case RUNNING -> {
        roster.phase = Phase.STOPPING;
        switch (mode) {
          case GRACEFUL -> finish("");
          case DRAIN -> drainIfPossible();
          case NOW -> hurry();
        }
        roster.add(new Effect.RefuseNew());
      }
      case STOPPING -> {
        if (mode == StopMode.NOW) {
          hurry();
        }
      }
      case STOPPED -> {}
    }
  }

  /** Returns why sessions cannot go on at other machines; empty if they can. */
  private String whyUndrained() {
    ClusterSettings cluster = roster.current().settings().cluster();
    return switch (roster.phase) {
      case BOOTING -> "the server was still starting";
      case STOPPING, STOPPED -> "the server was stopping already, without --drain";
      case RUNNING ->
          !cluster.isOn()
              ? "baton.cluster.broker is not set, so this server knows no other machine"
              : cluster.secrets().isEmpty()
                  ? "baton.cluster.secret is not set, and without it no session leaves its machine"
                  : "";
    };
  }

  private void drainIfPossible() {
    redirects = whyUndrained.isEmpty();
    if (redirects) {
      strandedBefore = dispatcher.moves.strandedSessions();
      finish(" or have other machines take them");
    } else {
      roster.report(
          Severity.WARN,
          "--drain stops like bin/stop without it: sessions end here, because " + whyUndrained);
      finish("");
    }
  }

  private void finish(String besides) {
    long timeoutMs = roster.policy().drainTimeoutMs();
    deadlineMs = roster.nowMs + timeoutMs;
    marginMs = Math.min(MAX_MARGIN_MS, timeoutMs / 4);
    closeMs = roster.nowMs + Math.min(HANDSHAKE_MS, marginMs);
    roster.report(
        Severity.INFO,
        "stopping: the workers finish their sessions%s, within %s"
            .formatted(besides, Units.duration(timeoutMs)));
  }

  private void hurry() {
    deadlineMs = Math.min(deadlineMs, roster.nowMs + NOW_MS);
    marginMs = NOW_MS;
    closeMs = roster.nowMs;
    draining = false; // once more, without any time for it
    roster.report(Severity.INFO, "stopping now: open connections are closed");
  }

  void listenersClosed() {
    listening = false;
  }

  /** Nobody new is let in, but who came through the door is served. */
  boolean isAccepting() {
    return roster.phase == Phase.STOPPING && !closing;
  }

  boolean isAFailedStart() {
    return !failure.isEmpty();
  }

  /** Does what the moment calls for; after every event while STOPPING. */
  void goOn() {
    if (!closing && roster.nowMs >= closeMs) {
      closing = true;
      roster.add(new Effect.StopListening());
    }
    if (roster.nowMs >= deadlineMs) {
      dispatcher.endAll();
      killAll();
    } else if (!draining && (isSettled() || remainingMs() <= marginMs)) {
      draining = true;
      drain();
    }
    if (roster.workers.isEmpty() && !listening) {
      dispatcher.endAll();
      roster.phase = Phase.STOPPED;
      if (drainOutcome() instanceof DrainOutcome.Counted counted) {
        roster.report(counted.lost() == 0 ? Severity.INFO : Severity.WARN, counted.describe());
      }
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
    int timeoutMs = (int) Math.max(0, remainingMs() - marginMs);
    for (Worker worker : roster.workers.values()) {
      switch (worker.state) {
        case STARTING -> roster.kill(worker); // nobody is served by it yet
        case READY, HUNG, DRAINING -> {
          roster.enter(worker, State.DRAINING);
          roster.add(
              new Effect.Tell(
                  worker.id, redirects ? new Redirect(timeoutMs) : new Drain(timeoutMs)));
        }
        case ENDING -> {}
      }
    }
  }

  /**
   * Counts the sessions of a worker that is gone, by its last word on them. If it has said none,
   * they are lost, as many as it was known to have.
   *
   * @param failed whether its end was not what was wanted
   */
  void gone(Worker worker, boolean failed) {
    if (!redirects) {
      return;
    }
    Redirected its = worker.redirected;
    long itsLost = its == null ? worker.sessions() : its.lost();
    if (its != null) {
      taken += its.taken();
      ended += its.ended();
    }
    lost += itsLost;
    lostWithWorkers += failed ? itsLost : 0;
  }

  /** Returns what has become of sessions that were to go on at other machines. */
  DrainOutcome drainOutcome() {
    if (!redirects) {
      return new DrainOutcome.Undrained(whyUndrained);
    }
    long onTheirWay = dispatcher.moves.strandedSessions() - strandedBefore;
    return new DrainOutcome.Counted(taken, ended, lost + onTheirWay, lostWithWorkers);
  }

  private void killAll() {
    for (Worker worker : roster.workers.values()) {
      if (worker.state != State.ENDING) {
        roster.kill(worker);
      }
    }
  }
}
