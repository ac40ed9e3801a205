package io.baton.manager.fleet;

import io.baton.config.Settings;
import io.baton.manager.placement.Candidate;
import io.baton.pipe.Load;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the fleet knows of one worker process.
 *
 * <pre>
 *              Ready             Drain
 *   STARTING ─────────► READY ─────────► DRAINING
 *       │              │    ▲                │
 *       │   silent for │    │ heard again    │
 *       │ hang-timeout ▼    │                │
 *       │              HUNG─┘ (dumped)       │
 *       │                │ dump-grace        │ drain's end
 *       └──────┬─────────┴─────────┬─────────┘
 *              ▼ failed, too late  ▼          any state: garbled
 *            ENDING (killed; until its death is seen)
 * </pre>
 */
final class Worker {
  enum State {
    STARTING,
    READY,
    HUNG,
    DRAINING,
    ENDING
  }

  final long id;
  final int slot;
  final int generation;

  /** Handoffs sent and not answered, oldest first. */
  final Map<Long, Handoff> untaken = new LinkedHashMap<>();

  /** What it has taken and not reported departed. */
  final Census connections;

  State state = State.STARTING;
  int pid;
  long sinceMs;
  long readyMs = -1;
  long heardMs;
  long pingedMs;
  Load load = Load.NONE;
  long taken;
  int placedSinceReport;

  /** It said, or its pipe did, that no more fits; forgotten with its next report. */
  boolean full;

  /** It stalled and its pipe was emptied: it gets nothing until it is heard. */
  boolean recalled;

  /** Why it is being ended by us, or could not start by its own word. */
  @Nullable String reason;

  private @Nullable Candidate candidate;

  Worker(long id, int slot, int generation, Census connections, long nowMs) {
    this.id = id;
    this.slot = slot;
    this.generation = generation;
    this.connections = connections;
    this.sinceMs = nowMs;
    this.heardMs = nowMs;
  }

  void enter(State next, long nowMs) {
    state = next;
    sinceMs = nowMs;
  }

  /** Clients may be with it, or be given to it. */
  boolean isServing() {
    return state == State.READY || state == State.HUNG;
  }

  /** Its oldest handoff is too old: it got stuck, or was stopped. */
  boolean isStalled(Settings.Fleet policy, long nowMs) {
    return !untaken.isEmpty()
        && nowMs - untaken.values().iterator().next().sentMs > policy.stallAfterMs();
  }

  void heard(long nowMs) {
    heardMs = nowMs;
    recalled = false;
  }

  /** How many more handoffs it may be sent now. */
  int credit(Settings.Fleet policy, long nowMs) {
    return state == State.READY && !full && !recalled && !isStalled(policy, nowMs)
        ? policy.maxUnacked() - untaken.size()
        : 0;
  }

  void sent(Handoff handoff, long nowMs) {
    handoff.sentMs = nowMs;
    untaken.put(handoff.id, handoff);
    placedSinceReport++;
    candidate = null;
  }

  /** An answer, or the handoff came back: it is no longer this worker's. */
  @Nullable Handoff settled(long handoff) {
    return untaken.remove(handoff);
  }

  void report(Load report) {
    load = report;
    placedSinceReport = untaken.size();
    full = false;
    candidate = null;
  }

  Candidate candidate() {
    if (candidate == null) {
      candidate =
          new Candidate(
              id,
              slot,
              load.connections() + placedSinceReport,
              load.busyPermille(),
              load.queueDepth(),
              placedSinceReport);
    }
    return candidate;
  }

  /** Connections that ended with it: those it took and did not report closed. */
  long lost() {
    return Math.max(0, taken - load.counters().closed());
  }

  /** As the operator knows it. */
  @Override
  public String toString() {
    return "worker " + slot + (pid == 0 ? "" : " (pid " + pid + ")");
  }
}
