package io.baton.worker.topics;

import io.baton.mesh.MeshMessage;
import io.baton.mesh.MeshMessage.Passed;
import io.baton.mesh.MeshMessage.TailDone;
import io.baton.worker.topics.SubscriptionGraph.Mark;
import io.baton.worker.topics.SubscriptionGraph.Receiver;
import io.baton.worker.topics.SubscriptionGraph.Subscriber;
import io.baton.worker.topics.SubscriptionGraph.Subscription;
import io.baton.worker.topics.TopicPositions.TopicPosition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The sessions that are about to move, have moved away, or have moved here and catch up, as far as
 * their topics go.
 *
 * <pre>
 *   former worker                                    next worker
 *   freeze: a {@link Tail} gets what is published
 *   save: the positions go along with the session
 *   departed: the tail waits for a second            resumed: subscribes, begins a {@link CatchUp}
 *                          ◄────────── Tail ──────────
 *                           ────────── Forward … ─────►  hands out what is next
 *                          ◄────────── TailDone ──────  has caught up
 *   unsubscribes
 * </pre>
 */
final class SessionMoves {
  private record TailKey(long session, int move) {}

  private final LocalInterest interest;
  private final Neighbours neighbours;
  private final Deliveries deliveries;
  private final TopicOutput output;
  private final TopicCounters counters;

  /** Tails of sessions that are still here. */
  private final Map<Long, Tail> frozen = new HashMap<>();

  /** Tails of sessions that are not here any more. */
  private final Map<TailKey, Tail> left = new HashMap<>();

  private final Map<Long, CatchUp> catchUps = new HashMap<>();

  private final RemotePublications remote;

  /** Whether there are other machines. */
  private boolean hasMachines;

  /** Since when what they publish comes here; {@link Tail#NEVER} while there is no connection. */
  private long connectedAt = Tail.NEVER;

  /** Time in which this worker ran. */
  private long nowMs;

  /** The time of the last tick. */
  private long tickedMs;

  SessionMoves(
      LocalInterest interest,
      Neighbours neighbours,
      Deliveries deliveries,
      TopicOutput output,
      TopicCounters counters,
      RemotePublications remote) {
    this.interest = interest;
    this.remote = remote;
    this.neighbours = neighbours;
    this.deliveries = deliveries;
    this.output = output;
    this.counters = counters;
  }

  /** There are other machines. */
  void cluster() {
    hasMachines = true;
  }

  /** What other machines publish comes here from now on, or does not come any more. */
  void connected(boolean isUp) {
    connectedAt = isUp ? nowMs : Tail.NEVER;
  }

  /**
   * Whether what other machines publish has come here for long enough since the session has. If
   * there is no connection, what the former worker has is all that there is, for as long as it
   * forwards.
   */
  private boolean hasSettled(CatchUp catchUp) {
    return connectedAt == Tail.NEVER
        ? nowMs >= catchUp.endsAt
        : nowMs >= Math.max(catchUp.begunAt, connectedAt) + TopicLimits.SETTLE_MS;
  }

  /** Whether sessions that have left may still need this worker. */
  boolean owes() {
    return !left.isEmpty();
  }

  /** Whether a session still gets what it missed; for a second at most. */
  boolean catchesUp(long session) {
    CatchUp catchUp = catchUps.get(session);
    return catchUp != null && nowMs < catchUp.endsAt;
  }

  /** Returns where the publications of a new subscription go. */
  Receiver receiver(long session) {
    Tail tail = frozen.get(session);
    return tail == null ? deliveries : tail;
  }

  /** A session has subscribed a topic; if it is frozen, what it has got begins here. */
  void added(Subscription subscription) {
    if (frozen.containsKey(subscription.subscriber.session)) {
      subscription.marks = marks(subscription, List.of());
    }
  }

  /** A subscription ends while its session may be on the move. */
  void removed(Subscription subscription) {
    long session = subscription.subscriber.session;
    Tail tail = frozen.get(session);
    if (tail != null) {
      tail.remove(subscription);
    }
    CatchUp catchUp = catchUps.get(session);
    if (catchUp != null) {
      catchUp.remove(subscription);
    }
  }

  /** A session has ended. */
  void closed(long session) {
    Tail tail = frozen.remove(session);
    if (tail != null) {
      tail.end(false);
    }
  }

  /** From now on, what is published for the session is kept. */
  void freeze(Subscriber subscriber) {
    if (frozen.containsKey(subscriber.session)) {
      return;
    }
    CatchUp catchUp = catchUps.get(subscriber.session);
    if (catchUp != null) {
      giveUp(catchUp);
      catchUps.remove(subscriber.session);
    }
    subscriber.move++;
    Tail tail = new Tail(subscriber, neighbours, output, counters);
    frozen.put(subscriber.session, tail);
    for (Subscription each : subscriber.subscriptions()) {
      List<Cursor> unfinished = catchUp == null ? List.of() : catchUp.take(each);
      each.marks = marks(each, unfinished);
      each.receiver = tail;
      for (Cursor cursor : unfinished) {
        keepHeld(each, cursor, tail);
      }
    }
    deliveries.tellAll(subscriber);
  }

  private static void keepHeld(Subscription subscription, Cursor cursor, Tail tail) {
    for (Publication publication : cursor.drain()) {
      tail.keep(subscription, publication);
      publication.release();
    }
    if (cursor.isGone()) {
      tail.died(cursor.publisher);
    }
  }

  /** Returns what the subscription has got, of all workers that have said their last numbers. */
  private List<Mark> marks(Subscription subscription, List<Cursor> unfinished) {
    List<Mark> marks = new ArrayList<>();
    for (Cursor each : unfinished) {
      marks.add(new Mark(each.publisher, each.position()));
    }
    for (long worker : neighbours.all()) {
      long last = subscription.topic.last(neighbours.index(worker));
      if (last != SubscriptionGraph.NONE
          && unfinished.stream().noneMatch(each -> each.publisher == worker)) {
        marks.add(new Mark(worker, last));
      }
    }
    for (int i = 0; i < subscription.topic.remotes(); i++) {
      long worker = subscription.topic.remote().worker(i);
      if (unfinished.stream().noneMatch(each -> each.publisher == worker)) {
        marks.add(new Mark(worker, subscription.topic.remote().last(worker)));
      }
    }
    return List.copyOf(marks);
  }

  /** The session stays after all. */
  void thaw(Subscriber subscriber) {
    Tail tail = frozen.remove(subscriber.session);
    if (tail == null) {
      return;
    }
    CatchUp catchUp = catchUp(subscriber, CatchUp.NOBODY);
    for (Subscription each : subscriber.subscriptions()) {
      each.receiver = deliveries;
      catchUp.add(each, each.marks, List.of());
      each.marks = List.of();
      if (each.isUnsure) {
        each.isUnsure = false;
        deliveries.unsure(each);
      }
    }
    feed(catchUp, tail);
  }

  private CatchUp catchUp(Subscriber subscriber, long source) {
    CatchUp catchUp =
        new CatchUp(
            subscriber,
            source,
            nowMs,
            neighbours,
            deliveries,
            counters,
            remote::begin,
            this::caughtUp);
    catchUps.put(subscriber.session, catchUp);
    if (!hasMachines) {
      catchUp.settle();
    }
    return catchUp;
  }

  /** What was kept here is all that the session gets. */
  private void feed(CatchUp catchUp, Tail tail) {
    for (Tail.Kept each : tail.drain()) {
      catchUp.forwarded(each.publication());
      each.publication().release();
    }
    for (Passed each : tail.drainPassed()) {
      catchUp.passed(each.publisher(), each.topic(), each.n());
    }
    catchUp.endForwards();
    catchUp.settle();
    catchUp.begin();
  }

  /** Returns what the session has got of its topics. */
  TopicPositions save(Subscriber subscriber) {
    if (subscriber.waiting != 0) {
      throw new IllegalStateException(
          "session %d is saved before it has handled %d publications"
              .formatted(subscriber.session, subscriber.waiting));
    }
    freeze(subscriber);
    Tail tail = frozen.get(subscriber.session);
    if (tail != null) {
      tail.isSaved = true;
    }
    List<TopicPosition> topics = new ArrayList<>(subscriber.subscriptions().size());
    for (Subscription each : subscriber.subscriptions()) {
      List<Mark> marks = each.isUnsure ? unsure(each) : each.marks;
      topics.add(new TopicPosition(each.topic.name, each.about, marks));
    }
    return new TopicPositions(neighbours.self(), subscriber.move, neighbours.dead(), topics);
  }

  /** Marks of a run that there never is: whoever goes on from there knows that it misses some. */
  private static List<Mark> unsure(Subscription subscription) {
    return subscription.marks.stream()
        .map(each ->
            RemotePublications.isRemote(each.publisher()) ? new Mark(each.publisher(), 0) : each)
        .toList();
  }

  /** The session that was saved is given away. */
  void departed(Subscriber subscriber) {
    Tail tail = frozen.remove(subscriber.session);
    if (tail == null) {
      throw new IllegalStateException("session " + subscriber.session + " left without a save");
    }
    subscriber.hasLeft = true;
    tail.endsAt = nowMs + TopicLimits.CATCH_UP_MS;
    left.put(new TailKey(subscriber.session, tail.move), tail);
    if (subscriber.subscriptions().isEmpty()) {
      end(tail, false);
    }
  }

  /**
   * A session has come from another worker, or back.
   *
   * @return how many of its topics it may not have here
   */
  int resumed(Subscriber subscriber, TopicPositions positions) {
    subscriber.move = positions.move();
    boolean isNear = neighbours.index(positions.from()) > InterestTable.SELF;
    CatchUp catchUp = catchUp(subscriber, isNear ? positions.from() : CatchUp.NOBODY);
    int refused = 0;
    for (TopicPosition each : positions.topics()) {
      if (interest.add(subscriber, each.topic(), deliveries) == Subscribed.YES) {
        Subscription subscription = subscriber.subscription(each.topic());
        if (subscription != null) {
          if (!interest.about(subscription, each.about())) {
            refused++; // the service's word would be another one here
          }
          catchUp.add(subscription, each.marks(), positions.dead());
        }
      } else {
        refused++;
      }
    }
    Tail own = left.get(new TailKey(subscriber.session, subscriber.move));
    if (isNear) {
      catchUp.begin();
      if (!catchUp.isDone()) {
        output.send(positions.from(), new MeshMessage.Tail(subscriber.session, subscriber.move));
      }
    } else if (own != null && positions.from() == neighbours.self()) {
      feed(catchUp, own);
      end(own, false);
    } else {
      catchUp.endForwards();
      catchUp.settle();
      catchUp.begin();
    }
    return refused;
  }

  /** The next worker of a session that was here wants its tail. */
  void claimed(long by, MeshMessage.Tail claim) {
    Tail tail = left.get(new TailKey(claim.session(), claim.move()));
    if (tail == null) {
      output.send(by, new TailDone(claim.session(), claim.move()));
    } else {
      tail.endsAt = nowMs + TopicLimits.FORWARD_MS;
      tail.claim(by);
    }
  }

  /** Another worker has caught up with a tail of this one, or has no more for a session here. */
  void done(TailDone done, Staleness staleness) {
    Tail tail = left.get(new TailKey(done.session(), done.move()));
    if (tail != null) {
      end(tail, false);
    }
    CatchUp catchUp = current(done.session(), done.move(), staleness);
    if (catchUp != null) {
      catchUp.endForwards();
    }
  }

  /** Does something with a session that catches up, if it is after this move. */
  void with(long session, int move, Staleness staleness, Consumer<CatchUp> action) {
    CatchUp catchUp = current(session, move, staleness);
    if (catchUp != null && catchUp.source() != CatchUp.NOBODY) {
      action.accept(catchUp);
    }
  }

  private @Nullable CatchUp current(long session, int move, Staleness staleness) {
    CatchUp catchUp = catchUps.get(session);
    return catchUp == null || staleness.isOfEarlierMove(catchUp.subscriber.move, move)
        ? null
        : catchUp;
  }

  /** A session has got all that it can get. */
  private void caughtUp(CatchUp catchUp) {
    release(catchUp);
    catchUps.remove(catchUp.subscriber.session, catchUp);
  }

  /** Tells the former worker that nothing more is needed. */
  private void release(CatchUp catchUp) {
    if (catchUp.source() != CatchUp.NOBODY) {
      output.send(
          catchUp.source(), new TailDone(catchUp.subscriber.session, catchUp.subscriber.move));
      catchUp.release();
    }
  }

  /** What has not been forwarded by now is lost. */
  private void giveUp(CatchUp catchUp) {
    release(catchUp);
    catchUp.endForwards();
  }

  private void end(Tail tail, boolean tell) {
    left.remove(new TailKey(tail.subscriber.session, tail.move));
    tail.end(tell);
    List.copyOf(tail.subscriber.subscriptions()).forEach(interest::remove);
  }

  /** A worker has died; its last numbers are still known. */
  void dying(long worker) {
    frozen.values().forEach(each -> each.died(worker));
    for (Tail each : List.copyOf(left.values())) {
      if (each.claimant() == worker) {
        end(each, false);
      } else {
        each.died(worker);
      }
    }
  }

  /** A worker has died, and nothing of it is known any more. */
  void died(long worker) {
    for (CatchUp each : List.copyOf(catchUps.values())) {
      each.died(worker);
      if (each.source() == worker) {
        each.endForwards();
      }
    }
  }

  /** Ends what takes too long. Time in which this worker did not run counts for nobody. */
  void tick(long ms) {
    nowMs += Math.min(ms - tickedMs, TopicLimits.MAX_STEP_MS);
    tickedMs = ms;
    for (Tail each : List.copyOf(left.values())) {
      if (each.endsAt <= nowMs) {
        end(each, true);
      }
    }
    for (CatchUp each : List.copyOf(catchUps.values())) {
      if (!each.isSettled() && hasSettled(each)) {
        each.settle();
      }
      if (each.endsAt <= nowMs && each.source() != CatchUp.NOBODY) {
        giveUp(each);
      }
    }
  }
}
