package io.baton.manager.fleet;

import io.baton.pipe.HandoffKind.Search;
import io.baton.pipe.HandoffKind.Unserved;
import io.baton.pipe.PeerKey;
import io.baton.pipe.Refusal;
import io.baton.service.SessionKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Connections whose clients want to go on with a session that they had before, while it is searched
 * for the worker that has it.
 *
 * <pre>
 *   sought ──► here ──► asked: a worker has it ──► taken: found
 *               ▲ │         │
 *               └─┼─────────┘ NOT_HERE, NOT_YET, came back
 *                 ├──► NOWHERE: all workers have said NOT_HERE
 *                 └──► UNANSWERED: not all have, or it took too long, or there are too many, or
 *                      its peer has heard NOWHERE too often ({@link NowhereRate})
 * </pre>
 *
 * <p>Nothing is known of sessions but which of them are in transit: given by a worker and not yet
 * taken by another. Workers are asked one after the other ({@link SearchOrder}). Three rules make
 * sure that NOWHERE is true although sessions move meanwhile:
 *
 * <ul>
 *   <li>A connection whose session is in transit waits.
 *   <li>When its session is given, and when it is taken, all that workers have said is forgotten,
 *       and what they say to a question from before then. The worker that took it is asked next.
 *       What a worker gave before it said NOT_HERE is heard before that.
 *   <li>A worker that has the session but cannot give it the connection now says NOT_YET and is
 *       asked again.
 * </ul>
 *
 * <p>With its answer a connection leaves here and is placed as a fresh one would be; who takes it
 * tells its client. Not final: the tests show what becomes of the search without each of the rules.
 *
 * <p>Bounded: at most {@value #MAX_SEEKERS} connections, of one peer at most {@value #MAX_OF_PEER},
 * none for longer than {@code handoff-timeout} unless a worker has it.
 */
class Seekers {
  static final int MAX_SEEKERS = 1_024;
  static final int MAX_OF_PEER = 16;

  /** Time after which a worker is asked again that has said NOT_YET; a migration takes less. */
  static final long NOT_YET_MS = 50;

  /** The way out of here. */
  interface Way {
    /** Sends it to this worker, which has room. */
    void ask(Handoff seeker, Worker worker);

    /** The search is over: it is placed as a fresh one would be. */
    void answered(Handoff handoff);
  }

  private final Roster roster;
  private final SearchOrder order;
  private final NowhereRate rate = new NowhereRate();

  /** All of them, by handoff. */
  private final Map<Long, Seeker> all = new HashMap<>();

  /** Those that no worker has now, oldest first. */
  private final Set<Seeker> here = new LinkedHashSet<>();

  private final Map<SessionKey, List<Seeker>> byWanted = new HashMap<>();
  private final Map<PeerKey, Integer> peers = new HashMap<>();

  /** Sessions in transit; more than one has the same key only if workers say so. */
  private final Map<SessionKey, Integer> inTransit = new HashMap<>();

  private long sought;
  private long found;
  private long nowhere;
  private long unanswered;
  private long slowed;

  Seekers(Roster roster) {
    this.roster = roster;
    this.order = new SearchOrder(roster);
  }

  // Connections.

  /**
   * A worker gave one.
   *
   * @return ASK, or UNANSWERED if there are too many and it is not kept here
   */
  Search sought(Handoff handoff, Unserved kind, Worker source) {
    sought++;
    if (all.size() >= MAX_SEEKERS || peers.getOrDefault(handoff.key, 0) >= MAX_OF_PEER) {
      unanswered++;
      return Search.UNANSWERED;
    }
    Seeker seeker = new Seeker(handoff, kind, source);
    all.put(handoff.id, seeker);
    here.add(seeker);
    byWanted.computeIfAbsent(seeker.wanted, _ -> new ArrayList<>(1)).add(seeker);
    peers.merge(handoff.key, 1, Integer::sum);
    return Search.ASK;
  }

  /** A worker gave one whose descriptor was lost. */
  void soughtAndLost() {
    sought++;
    unanswered++;
  }

  /** The worker that was asked has the session, and now the connection. */
  void found(Handoff handoff) {
    remove(handoff);
    found++;
  }

  /** The worker that was asked does not take it. */
  void refused(Handoff handoff, Worker by, Refusal why) {
    Seeker seeker = known(handoff);
    boolean outdated = seeker.outdated;
    cameBack(handoff);
    if (outdated) {
      return;
    }
    switch (why) {
      case NOT_HERE -> handoff.refusedBy(by);
      case NOT_YET -> notYet(seeker, by);
      case UNUSABLE, UNREADABLE, DRAINING -> {
        handoff.refusedBy(by);
        seeker.unsure = true;
      }
      case NO_DESCRIPTORS -> {} // it is asked again when it has room
    }
  }

  /** The worker that was asked has the session on its way to or from it. */
  void notYet(Seeker seeker, Worker by) {
    seeker.next = by;
    seeker.againMs = roster.nowMs + NOT_YET_MS;
  }

  /** The worker that was asked will not answer. */
  void cameBack(Handoff handoff) {
    Seeker seeker = known(handoff);
    seeker.outdated = false;
    here.add(seeker);
  }

  /** It ends without an answer. */
  void ended(Handoff handoff) {
    remove(handoff);
    unanswered++;
  }

  private Seeker known(Handoff handoff) {
    Seeker seeker = all.get(handoff.id);
    if (seeker == null) {
      throw new IllegalStateException("connection " + handoff.id + " seeks nothing");
    }
    return seeker;
  }

  private void remove(Handoff handoff) {
    Seeker seeker = known(handoff);
    here.remove(seeker);
    forget(seeker);
  }

  /** All but that it is here. */
  private void forget(Seeker seeker) {
    all.remove(seeker.handoff.id);
    byWanted.computeIfPresent(seeker.wanted, (_, those) -> without(those, seeker));
    peers.computeIfPresent(seeker.handoff.key, (_, n) -> n == 1 ? null : Integer.valueOf(n - 1));
  }

  private static @Nullable List<Seeker> without(List<Seeker> those, Seeker seeker) {
    those.remove(seeker);
    return those.isEmpty() ? null : those;
  }

  // Sessions in transit.

  /** A worker gave this session. */
  void given(@Nullable SessionKey session) {
    if (session != null) {
      inTransit.merge(session, 1, Integer::sum);
      moved(session, null);
    }
  }

  /** A worker took this session, perhaps the one that gave it. */
  void arrived(@Nullable SessionKey session, Worker at) {
    if (session != null) {
      gone(session);
      moved(session, at);
    }
  }

  /** No worker took this session. */
  void gone(@Nullable SessionKey session) {
    if (session != null) {
      inTransit.computeIfPresent(session, (_, n) -> n == 1 ? null : Integer.valueOf(n - 1));
    }
  }

  boolean isInTransit(SessionKey session) {
    return inTransit.containsKey(session);
  }

  /** All that was said of it is no longer so. */
  private void moved(SessionKey session, @Nullable Worker to) {
    for (Seeker seeker : byWanted.getOrDefault(session, List.of())) {
      startAgain(seeker, to);
    }
  }

  /**
   * Workers are asked as if none had been.
   *
   * @param next the first of them; null if that is not known
   */
  void startAgain(Seeker seeker, @Nullable Worker next) {
    seeker.handoff.forgetRefusals();
    seeker.next = next;
    seeker.againMs = roster.nowMs;
    seeker.unsure = false;
    seeker.outdated = !here.contains(seeker);
  }

  // Asking.

  /** Does what the moment calls for; after every event. */
  void goOn(Way way) {
    for (Iterator<Seeker> each = here.iterator(); each.hasNext(); ) {
      Seeker seeker = each.next();
      boolean waits = isInTransit(seeker.wanted) || roster.nowMs < seeker.againMs;
      Worker worker = waits ? null : order.first(seeker);
      if (worker != null) {
        each.remove();
        way.ask(seeker.handoff, worker);
        continue;
      }
      Search outcome = outcome(seeker, waits);
      if (outcome == Search.NOWHERE && !rate.admits(seeker.handoff.key, roster.nowMs)) {
        outcome = Search.UNANSWERED;
        slowed++;
      }
      if (outcome != Search.ASK) {
        each.remove();
        forget(seeker);
        way.answered(answered(seeker, outcome));
      }
    }
  }

  private Search outcome(Seeker seeker, boolean waits) {
    if (isLate(seeker)) {
      return Search.UNANSWERED;
    }
    return waits ? Search.ASK : order.outcome(seeker);
  }

  private boolean isLate(Seeker seeker) {
    return roster.nowMs - seeker.handoff.sinceMs > roster.policy().handoffs().timeoutMs();
  }

  private Handoff answered(Seeker seeker, Search outcome) {
    if (outcome == Search.NOWHERE) {
      nowhere++;
    } else {
      unanswered++;
    }
    return seeker.handoff.after(outcome, roster.nowMs);
  }

  // What is said of them.

  /** All of them. */
  Stream<Handoff> stream() {
    return all.values().stream().map(seeker -> seeker.handoff);
  }

  /** Those that no worker has now. */
  List<Handoff> waiting() {
    return here.stream().map(seeker -> seeker.handoff).toList();
  }

  /** How many of them no worker has now. */
  int waitingCount() {
    return here.size();
  }

  /** How many there are. */
  int count() {
    return all.size();
  }

  /** How many of them are this listener's. */
  int count(int listener) {
    return (int) stream().filter(handoff -> handoff.listener == listener).count();
  }

  /** What has become of all that there were. */
  FleetView.Searches searches() {
    return new FleetView.Searches(sought, found, nowhere, unanswered, slowed);
  }
}
