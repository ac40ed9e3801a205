package io.baton.manager.fleet;

import io.baton.config.Settings;
import io.baton.manager.fleet.FleetView.Phase;
import io.baton.manager.placement.Candidate;
import io.baton.manager.placement.Placement;
import io.baton.pipe.Refusal;
import io.baton.service.Peer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Clients between accept and Taken: places each on a worker, and again when that worker refuses,
 * stalls or dies, until one takes it or none can.
 *
 * <pre>
 *   accepted ──► waiting ──► sent to a worker ──► taken
 *                  ▲   │            │
 *                  └───┼────────────┘ refused, recalled, blocked, worker died
 *                      └──► ended: all refused it, or handoff-timeout, or the server ends
 * </pre>
 *
 * <p>A client beyond a limit goes the same way, so that whoever takes it can tell it; it counts as
 * limited and nothing else. So, in the end, accepted = taken + refused + limited.
 *
 * <p>Bounded: a client is accepted only while there is more credit than there are clients waiting,
 * so that what waits is at most what all workers together may have untaken.
 */
final class Dispatcher {
  private final List<Placement> placements;
  private final Roster roster;
  final Limits limits;

  private final Deque<Handoff> waiting = new ArrayDeque<>();
  private int sent;

  /** The server's time is over; what was on its way then may still come back. */
  private boolean endedAll;

  final long[] accepted;
  final long[] refused;
  private final long[] placed;
  long replaced;
  long recalled;
  long blocked;

  Dispatcher(Settings settings, Roster roster) {
    this.placements =
        settings.listeners().stream().map(l -> Placement.of(l.options().placement())).toList();
    this.roster = roster;
    this.limits = new Limits(settings, roster);
    this.accepted = new long[placements.size()];
    this.refused = new long[placements.size()];
    this.placed = new long[placements.size()];
  }

  /** How many clients may be accepted now. */
  int room(long nowMs) {
    int room = -waiting.size();
    for (Worker worker : roster.workers.values()) {
      room += worker.credit(roster.policy, nowMs);
    }
    return Math.max(0, room);
  }

  /** Clients that are still the manager's. */
  int owned() {
    return waiting.size() + sent;
  }

  int waiting() {
    return waiting.size();
  }

  void accept(long id, int listener, Peer peer) {
    Handoff handoff = new Handoff(id, listener, peer, limits.key(listener, peer), roster.nowMs);
    accepted[listener]++;
    limits.accepted(handoff);
    if (!waiting.isEmpty() || !place(handoff)) {
      waiting.addLast(handoff);
    }
  }

  void turnedAway(int listener) {
    refused[listener]++;
  }

  /**
   * The worker took it.
   *
   * @return false if it was not given it
   */
  boolean taken(Worker worker, long id) {
    Handoff handoff = worker.settled(id);
    if (handoff == null) {
      return false;
    }
    sent--;
    if (!handoff.beyondLimit) {
      worker.taken++;
    }
    limits.taken(worker, handoff);
    roster.add(new Effect.Release(id));
    return true;
  }

  /**
   * The worker refused it; another one may have it.
   *
   * @return false if it was not given it
   */
  boolean refused(Worker worker, long id, Refusal why) {
    Handoff handoff = worker.settled(id);
    if (handoff == null) {
      return false;
    }
    handoff.refusedBy(worker);
    if (why == Refusal.NO_DESCRIPTORS) {
      worker.full = true;
    }
    again(handoff);
    return true;
  }

  /**
   * It did not fit into the worker's pipe.
   *
   * @return false if the worker has answered for it all the same
   */
  boolean blocked(Worker worker, long id) {
    worker.full = true;
    blocked++;
    return takeBack(worker, id);
  }

  /**
   * The worker had not received it.
   *
   * @return false if the worker has answered for it all the same
   */
  boolean recalled(Worker worker, long id) {
    recalled++;
    return takeBack(worker, id);
  }

  private boolean takeBack(Worker worker, long id) {
    Handoff handoff = worker.settled(id);
    if (handoff != null) {
      again(handoff);
    }
    return handoff != null || endedAll;
  }

  /**
   * The worker is dead: what it did not take is ours again.
   *
   * @return how many that are
   */
  int died(Worker worker) {
    List<Handoff> untaken = List.copyOf(worker.untaken.values());
    worker.untaken.clear();
    untaken.forEach(this::again);
    limits.died(worker);
    return untaken.size();
  }

  private void again(Handoff handoff) {
    sent--;
    replaced++;
    waiting.addLast(handoff);
  }

  /** Places what waits, as far as that goes, and ends what has waited too long or for nobody. */
  void placeWaiting() {
    boolean hopeless = !waiting.isEmpty() && isHopeless();
    for (int n = waiting.size(); n > 0; n--) {
      Handoff handoff = waiting.removeFirst();
      if (place(handoff)) {
        continue;
      }
      if (hopeless
          || allRefused(handoff)
          || roster.nowMs - handoff.acceptedMs > roster.policy.handoffTimeoutMs()) {
        end(handoff);
      } else {
        waiting.addLast(handoff);
      }
    }
  }

  /** Ends all that is still the manager's. */
  void endAll() {
    endedAll = true;
    waiting.forEach(this::end);
    waiting.clear();
    for (Worker worker : roster.workers.values()) {
      sent -= worker.untaken.size();
      worker.untaken.values().forEach(this::end);
      worker.untaken.clear();
    }
  }

  private void end(Handoff handoff) {
    if (!handoff.beyondLimit) {
      refused[handoff.listener]++;
    }
    limits.ended(handoff);
    roster.add(new Effect.End(handoff.id));
  }

  private boolean place(Handoff handoff) {
    List<Candidate> candidates = new ArrayList<>(roster.workers.size());
    for (Worker worker : roster.workers.values()) {
      if (worker.credit(roster.policy, roster.nowMs) > 0 && !handoff.wasRefusedBy(worker)) {
        candidates.add(worker.candidate());
      }
    }
    if (candidates.isEmpty()) {
      return false;
    }
    int listener = handoff.listener;
    Candidate chosen =
        placements.get(listener).choose(candidates, handoff.peer, placed[listener]++);
    Worker worker = roster.workers.get(chosen.worker());
    if (worker == null) {
      throw new IllegalStateException("placement chose a worker that was no candidate: " + chosen);
    }
    worker.sent(handoff, roster.nowMs);
    sent++;
    roster.add(
        new Effect.Place(
            handoff.id,
            worker.id,
            listener,
            handoff.peer,
            handoff.beyondLimit ? Effect.Arrival.BEYOND_LIMIT : Effect.Arrival.FRESH));
    return true;
  }

  /** Every worker that serves has refused it, so waiting would not help. */
  private boolean allRefused(Handoff handoff) {
    boolean any = false;
    for (Worker worker : roster.workers.values()) {
      if (worker.isServing()) {
        if (!handoff.wasRefusedBy(worker)) {
          return false;
        }
        any = true;
      }
    }
    return any;
  }

  /** Nobody is there, nor will be, to take what waits. */
  private boolean isHopeless() {
    if (roster.phase == Phase.RUNNING) {
      return false;
    }
    for (Worker worker : roster.workers.values()) {
      if (worker.isServing() || worker.state == Worker.State.STARTING) {
        return false;
      }
    }
    return true;
  }
}
