package io.baton.manager.fleet;

import io.baton.config.FleetSettings;
import io.baton.manager.placement.Candidate;
import io.baton.pipe.Load;
import io.baton.pipe.Message;
import io.baton.pipe.PeerKey;
import io.baton.pipe.SavedForm;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the fleet knows of one worker process: the state it is in, and the duty it has.
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
  /** More of what a worker says of its own mistakes is not kept. */
  private static final int MAX_REASON = 8_000;

  enum State {
    STARTING,
    READY,
    HUNG,
    DRAINING,
    ENDING
  }

  /** What it is there for. */
  enum Duty {
    /** To take over when all of its kind are READY; until then it gets nobody. */
    NEXT,
    /** To serve: it is the worker of its slot. */
    SERVING,
    /** Others serve in its place: it gives its connections away and ends. */
    LEAVING
  }

  final long id;

  /** The slot it has, is to have or has had. */
  final int slot;

  final Generation generation;

  /** Handoffs sent and not answered, oldest first. */
  final Map<Long, Handoff> untaken = new LinkedHashMap<>();

  /** What it has taken and not reported departed. */
  final Census connections;

  /** Its sessions whose clients have lost their connections and may come back. */
  final Census awaySessions;

  /** So many connections beyond a limit it has, at most: it does not say when they end. */
  private long beyondLimit;

  State state = State.STARTING;
  Duty duty;
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

  /** So many connections it may give in all since its start. */
  long granted;

  /** So many it was ever allowed to; more than {@link #granted} when some was taken back. */
  private long promised;

  /** Those of its connections that it gives first, as it was told with that. */
  Message.First givesFirst = Message.First.IDLEST;

  /** So many it has given. */
  long given;

  /** So many it is to give in all though it goes on serving. */
  long quota;

  /** Connections that it gave and that are still the manager's. */
  int away;

  /** Its leave, once it is LEAVING; and while others, or it, are on trial. */
  @Nullable Leave leave;

  /** What it gives connections for though it goes on serving. */
  @Nullable Canary canary;

  /** Connections that were to go on elsewhere and could not. */
  final Unmoved unmoved = new Unmoved();

  /** It has links to the others that have joined, or is about to get them. */
  boolean joined;

  /** What it reads of saved sessions, by its own word; null before it is READY. */
  @Nullable SavedForm reads;

  /** What it was told that every living worker reads; null before it was told. */
  @Nullable SavedForm readable;

  /**
   * Its last word on what becomes of its sessions while the server drains; null if it said none.
   */
  Message.@Nullable Redirected redirected;

  /** What keeps its connections from moving, by its own word. */
  String held = "";

  /** Why it is being ended by us, or could not start by its own word. */
  @Nullable String reason;

  /** Why it has no memory left, by its own word; null if it has. */
  @Nullable String exhausted;

  /** How it gets nowhere; null if it gets on. */
  @Nullable String stuck;

  /** For how long it got nowhere before it was given up; null if it was not. */
  @Nullable String standstill;

  /** It is ended by us though it did nothing wrong. */
  boolean dismissed;

  /** It took too long to start, and was asked for its stacks. */
  boolean dumped;

  /** Its process is gone, which was what was wanted. */
  boolean endedAsWanted;

  /** How it ended; null while there is a process. */
  @Nullable String end;

  private @Nullable Candidate candidate;

  Worker(long id, int slot, Generation generation, Duty duty, long nowMs) {
    this.id = id;
    this.slot = slot;
    this.generation = generation;
    this.duty = duty;
    this.connections = new Census(generation);
    this.awaySessions = new Census(generation);
    this.sinceMs = nowMs;
    this.heardMs = nowMs;
  }

  void enter(State next, long nowMs) {
    state = next;
    sinceMs = nowMs;
  }

  /** Clients may be with it, or be given to it. */
  boolean isUp() {
    return state == State.READY || state == State.HUNG;
  }

  /** Its oldest handoff is too old: it got stuck, or was stopped. */
  boolean isStalled(FleetSettings policy, long nowMs) {
    return !untaken.isEmpty()
        && nowMs - untaken.values().iterator().next().sentMs > policy.handoffs().stallAfterMs();
  }

  void heard(long nowMs) {
    heardMs = nowMs;
    recalled = false;
  }

  /** How many more handoffs it may be sent now. */
  int credit(FleetSettings policy, long nowMs) {
    return state == State.READY && !full && !recalled && !isStalled(policy, nowMs)
        ? policy.handoffs().maxUnacked() - untaken.size()
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

  /** More, or less, connections may be given. */
  void grant(long total) {
    granted = total;
    promised = Math.max(promised, total);
  }

  /** What it may still give. */
  int outstanding() {
    return (int) Math.max(0, granted - given);
  }

  /** It may have been allowed, when it did so, to give one more. */
  boolean mayHaveGiven() {
    return given < promised;
  }

  /**
   * Connections of this worker have ended.
   *
   * @return false if it had no such connections
   */
  boolean departed(int listener, @Nullable PeerKey peer, int count) {
    boolean had = connections.departed(listener, peer, count);
    if (had && leave != null && duty == Duty.LEAVING) {
      leave.departed(count);
    }
    return had;
  }

  /**
   * Connections or sessions of this worker count otherwise.
   *
   * @return false if it had no such connections or sessions
   */
  boolean recounted(Message.Recounted message) {
    int listener = message.listener();
    PeerKey peer = message.peer();
    int count = message.count();
    return switch (message.change()) {
      case LOST ->
          connections.departed(listener, peer, count)
              && awaySessions.arrived(listener, peer, count);
      case AWAY_ENDED -> {
        boolean had = awaySessions.departed(listener, peer, count);
        if (had && leave != null && duty == Duty.LEAVING) {
          leave.departed(count);
        }
        yield had;
      }
      case AWAY_ARRIVED -> awaySessions.arrived(listener, peer, count);
      case ADMITTED ->
          beyondLimit >= count
              && connections.arrived(listener, peer, count)
              && leftBeyondLimit(count);
    };
  }

  /** It took a connection beyond a limit. */
  void tookBeyondLimit() {
    beyondLimit++;
  }

  /**
   * Connections beyond a limit have its client's session now, or were given back to look for it.
   *
   * @return false if it had not so many
   */
  boolean leftBeyondLimit(int count) {
    if (beyondLimit < count) {
      return false;
    }
    beyondLimit -= count;
    return true;
  }

  /** What has to end or to leave before it has nobody: connections, and sessions that are away. */
  int sessions() {
    return connections.total() + awaySessions.total();
  }

  /** It gave a connection that had no session: to itself that one has ended. */
  void gaveUnserved() {
    if (leave != null && duty == Duty.LEAVING) {
      leave.departed(1);
    }
  }

  /** Whether the end of its process is what was wanted. */
  boolean isToEnd(boolean done) {
    return dismissed || (state == State.DRAINING && done);
  }

  /** As the operator knows it. */
  @Override
  public String toString() {
    return "worker " + slot + (pid == 0 ? "" : " (pid " + pid + ")");
  }

  /** It has said one more mistake that keeps it from coming up. */
  void failed(String mistake) {
    String before = reason;
    if (before == null) {
      reason = mistake;
    } else if (before.length() < MAX_REASON) {
      reason = before + "; " + mistake;
    }
  }
}
