package io.baton.manager.fleet;

import io.baton.manager.fleet.Books.Book;
import io.baton.manager.fleet.FleetView.Phase;
import io.baton.manager.placement.Candidate;
import io.baton.pipe.HandoffKind;
import io.baton.pipe.HandoffKind.Search;
import io.baton.pipe.Refusal;
import io.baton.service.Peer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * Clients that are the manager's: places each on a worker, and again when that worker refuses,
 * stalls or dies, until one takes it or none can. A connection that a worker gave goes the same way
 * as a fresh one; if no other would have it, it goes back to where it came from.
 *
 * <pre>
 *   accepted ─┬─► waiting ──► sent to a worker ──► taken
 *   given   ──┘     ▲   │            │
 *                   └───┼────────────┘ refused, recalled, blocked, worker died
 *                       └──► ended: nobody would have it, or handoff-timeout, or the server ends
 * </pre>
 *
 * <p>A client beyond a limit goes the same way, so that whoever takes it can tell it; it counts as
 * limited and nothing else. One that may not connect at all is ended at once and counts as denied.
 * So, in the end, accepted = taken + refused + limited + denied. What becomes of those given is in
 * {@link Moves}.
 *
 * <p>A connection whose client seeks a session waits apart, in {@link Seekers}, so that fresh ones
 * do not queue behind it, and goes the same way once it has its answer.
 *
 * <p>Bounded: a client is accepted only while there is more credit than there are clients waiting,
 * so that what waits is at most what all workers together may have untaken; no more connections are
 * given than {@link Allowances} allow; and those that seek have bounds of their own.
 */
final class Dispatcher {
  private final Roster roster;
  private final Takers takers;
  final Admission admission;
  final Limits limits;
  final Moves moves = new Moves();
  final DescriptorShortage shortage;
  final Seekers seekers;

  private final Deque<Handoff> waiting = new ArrayDeque<>();
  private int sent;

  /** The server's time is over; what was on its way then may still come back. */
  private boolean endedAll;

  long replaced;
  long recalled;
  long blocked;

  Dispatcher(Roster roster, Seekers seekers) {
    this.roster = roster;
    this.takers = new Takers(roster);
    this.admission = new Admission(roster);
    this.limits = new Limits(roster, admission);
    this.shortage = new DescriptorShortage(roster);
    this.seekers = seekers;
  }

  /** How many clients may be accepted now. */
  int room(long nowMs) {
    int room = -waiting();
    for (Slot slot : roster.slots) {
      room += slot.worker == null ? 0 : slot.worker.credit(roster.policy(), nowMs);
    }
    return Math.max(0, room);
  }

  /** Clients that are still the manager's. */
  int owned() {
    return waiting() + sent;
  }

  /** Of those, the ones that no worker has now. */
  int waiting() {
    return waiting.size() + seekers.waitingCount();
  }

  /** Somebody waits for whom there are only workers that leave, such as this one. */
  boolean isAwaited(Worker leaver) {
    return waiting.stream().anyMatch(handoff -> takers.isAwaited(handoff, leaver))
        || seekers.stream().anyMatch(handoff -> takers.isOnlyOf(handoff, leaver));
  }

  void accept(long id, int listener, Peer peer) {
    Handoff handoff = Handoff.fresh(id, listener, peer, roster.nowMs);
    Book book = roster.books.of(listener);
    book.accepted++;
    if (!admission.admits(handoff)) {
      book.denied++;
      roster.add(new Effect.End(id));
      return;
    }
    limits.accepted(handoff);
    if (!waiting.isEmpty() || !place(handoff)) {
      waiting.addLast(handoff);
    }
  }

  void rejected(int listener, Peer peer, String why) {
    Book book = roster.books.of(listener);
    book.accepted++;
    book.denied++;
    admission.rejected(listener, peer, why);
  }

  void turnedAway(int listener) {
    roster.books.of(listener).refused++;
    shortage.inManager();
  }

  /**
   * The worker gave one of its connections.
   *
   * @return false if it had no such connection, or was not to give any
   */
  boolean given(Worker worker, long id, int listener, Peer peer, HandoffKind.Saved kind) {
    Handoff handoff = Handoff.given(id, listener, peer, kind, worker, roster.nowMs);
    if (!worker.mayHaveGiven() || !limits.given(worker, handoff)) {
      return false;
    }
    worker.given++;
    moves.begun(handoff, worker);
    seekers.given(handoff.session());
    if (handoff.canary != null) {
      handoff.canary.given(handoff);
    }
    waiting.addLast(handoff);
    return true;
  }

  /**
   * The worker gave one of its connections, and its descriptor was lost.
   *
   * @return false if it had no such connection, or was not to give any
   */
  boolean givenLost(Worker worker, Event.GivenLost event) {
    Handoff handoff =
        Handoff.given(0, event.listener(), event.peer(), event.kind(), worker, roster.nowMs);
    if (!worker.mayHaveGiven() || !limits.given(worker, handoff)) {
      return false;
    }
    worker.given++;
    limits.ended(handoff);
    moves.lost(handoff, worker);
    shortage.inManager();
    return true;
  }

  /**
   * The worker gave one of its connections, whose client seeks a session.
   *
   * @return false if it had no such connection
   */
  boolean sought(Worker worker, long id, int listener, Peer peer, HandoffKind.Unserved kind) {
    Handoff handoff = Handoff.unserved(id, listener, peer, kind, roster.nowMs);
    if (!limits.given(worker, handoff)) {
      return false;
    }
    if (!handoff.isBeyondLimit()) {
      worker.gaveUnserved();
    }
    Search search = seekers.sought(handoff, kind, worker);
    if (search != Search.ASK) {
      waiting.addLast(handoff.after(search, roster.nowMs));
    }
    return true;
  }

  /**
   * The worker gave such a connection, and its descriptor was lost.
   *
   * @return false if it had no such connection
   */
  boolean soughtLost(Worker worker, Event.SoughtLost event) {
    Handoff handoff = Handoff.fresh(0, event.listener(), event.peer(), roster.nowMs);
    if (event.beyondLimit()) {
      handoff.kind = HandoffKind.BEYOND_LIMIT;
    }
    if (!limits.given(worker, handoff)) {
      return false;
    }
    limits.ended(handoff);
    if (!event.beyondLimit()) {
      worker.gaveUnserved();
    }
    seekers.soughtAndLost();
    moves.endedUnserved();
    shortage.inManager();
    return true;
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
    limits.taken(worker, handoff);
    seekers.arrived(handoff.session(), worker);
    if (handoff.isSeeking()) {
      seekers.found(handoff);
    }
    if (handoff.source != null) {
      moves.arrived(
          handoff,
          handoff.source,
          worker,
          roster.nowMs - handoff.sinceMs,
          roster.policy().migration().maxFrozen());
      if (handoff.canary != null) {
        handoff.canary.arrived(handoff, worker);
      }
    } else if (!handoff.isBeyondLimit() && !handoff.wasTaken()) {
      worker.taken++;
    }
    roster.add(new Effect.Release(id));
    return true;
  }

  /**
   * The worker refused it; another one may have it.
   *
   * @return false if it was not given it, or not to be asked for a session
   */
  boolean refused(Worker worker, long id, Refusal why, String reason) {
    Handoff handoff = worker.untaken.get(id);
    boolean isOfSearch = why == Refusal.NOT_HERE || why == Refusal.NOT_YET;
    if (handoff == null || (isOfSearch && !handoff.isSeeking())) {
      return false;
    }
    worker.settled(id);
    if (why == Refusal.NO_DESCRIPTORS) {
      worker.full = true;
      shortage.in(worker);
    }
    if (handoff.isSeeking()) {
      sent--;
      seekers.refused(handoff, worker, why);
      return true;
    }
    handoff.refusedBy(worker);
    if (why == Refusal.UNREADABLE && handoff.unreadable.isEmpty()) {
      handoff.unreadable = reason.isEmpty() ? "its state cannot be read" : reason;
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
    return untaken.size();
  }

  private void again(Handoff handoff) {
    sent--;
    replaced++;
    if (handoff.isSeeking()) {
      seekers.cameBack(handoff);
    } else {
      waiting.addLast(handoff);
    }
  }

  /** Asks for the sessions that are sought; those that have their answer wait from now on. */
  void ask() {
    seekers.goOn(
        new Seekers.Way() {
          @Override
          public void ask(Handoff seeker, Worker worker) {
            send(seeker, worker, seeker.kind);
          }

          @Override
          public void answered(Handoff handoff) {
            waiting.addLast(handoff);
          }
        });
  }

  /** Places what waits, as far as that goes, and ends what has waited too long or for nobody. */
  void placeWaiting() {
    boolean hopeless = !waiting.isEmpty() && isHopeless();
    for (int n = waiting.size(); n > 0; n--) {
      Handoff handoff = waiting.removeFirst();
      if (place(handoff)) {
        continue;
      }
      if (hopeless || takers.isLost(handoff) || isLate(handoff)) {
        end(handoff);
      } else {
        waiting.addLast(handoff);
      }
    }
  }

  private boolean isLate(Handoff handoff) {
    return roster.nowMs - handoff.sinceMs > roster.policy().handoffs().timeoutMs();
  }

  /** It has been on its way for so long that it is best off where it came from. */
  private boolean isOverdue(Handoff handoff) {
    return isLate(handoff)
        || (handoff.canary != null
            && handoff.isOnTrial()
            && roster.nowMs - handoff.sinceMs > handoff.canary.patienceMs());
  }

  /** Ends all that is still the manager's. */
  void endAll() {
    endedAll = true;
    waiting.forEach(this::end);
    waiting.clear();
    seekers.waiting().forEach(this::end);
    for (Worker worker : roster.workers.values()) {
      sent -= worker.untaken.size();
      worker.untaken.values().forEach(this::end);
      worker.untaken.clear();
    }
  }

  private void end(Handoff handoff) {
    limits.ended(handoff);
    seekers.gone(handoff.session());
    if (handoff.isSeeking()) {
      seekers.ended(handoff);
    }
    if (handoff.source != null) {
      moves.ended(handoff, handoff.source);
      if (handoff.canary != null) {
        handoff.canary.ended(handoff);
      }
      roster.add(new Effect.End(handoff.id));
    } else if (handoff.wasTaken()) {
      moves.endedUnserved();
      roster.add(new Effect.End(handoff.id));
    } else {
      if (!handoff.isBeyondLimit()) {
        roster.books.of(handoff.listener).refused++;
      }
      roster.add(new Effect.TurnAway(handoff.id, handoff.listener));
    }
  }

  /**
   * Sends it to a worker, if there is one with room. A connection of a listener that is gone, or of
   * a canary that has failed, is best off where it came from; any other goes back only if nobody
   * else will have it in time.
   */
  private boolean place(Handoff handoff) {
    if (handoff.source == null) {
      return sendOn(handoff);
    }
    if (takers.isOfThePast(handoff) || handoff.hasFailedTrial()) {
      return sendBack(handoff, handoff.source) || sendOn(handoff);
    }
    return sendOn(handoff)
        || ((isOverdue(handoff) || !takers.isAnyLeft(handoff))
            && sendBack(handoff, handoff.source));
  }

  private boolean sendBack(Handoff handoff, Worker source) {
    if (!(handoff.kind instanceof HandoffKind.Saved saved) || !takers.canReturn(handoff)) {
      return false;
    }
    send(handoff, source, saved.returning());
    return true;
  }

  private boolean sendOn(Handoff handoff) {
    List<Candidate> candidates = takers.withRoom(handoff);
    if (candidates.isEmpty()) {
      return false;
    }
    Book book = roster.books.of(handoff.listener);
    Candidate chosen = book.placement.choose(candidates, handoff.peer, book.placed++);
    send(handoff, roster.known(chosen.worker()), handoff.kind);
    return true;
  }

  private void send(Handoff handoff, Worker worker, HandoffKind kind) {
    worker.sent(handoff, roster.nowMs);
    sent++;
    roster.add(new Effect.Place(handoff.id, worker.id, handoff.listener, handoff.peer, kind));
  }

  /** Nobody is there, nor will be, to take what waits. */
  private boolean isHopeless() {
    if (roster.phase == Phase.RUNNING) {
      return false;
    }
    for (Worker worker : roster.workers.values()) {
      if (worker.isUp() || worker.state == Worker.State.STARTING) {
        return false;
      }
    }
    return true;
  }
}
