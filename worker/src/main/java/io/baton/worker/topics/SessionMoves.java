package io.baton.worker.topics;

import io.baton.mesh.MeshMessage;
import io.baton.mesh.MeshMessage.Begun;
import io.baton.mesh.MeshMessage.Passed;
import io.baton.worker.topics.SubscriptionGraph.Mark;
import io.baton.worker.topics.SubscriptionGraph.Receiver;
import io.baton.worker.topics.SubscriptionGraph.Subscriber;
import io.baton.worker.topics.SubscriptionGraph.Subscription;
import io.baton.worker.topics.TopicPositions.TopicPosition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The moves of sessions, as far as their topics go: what is published while a session moves is kept
 * in a {@link Tail}, see {@link LeftTails}, and sent after it, see {@link CatchUps}.
 *
 * <pre>
 *   former worker                                    next worker
 *   freeze: a {@link Tail} gets what is published
 *   save: the positions go along with the session
 *   departed: the tail waits for a claim             resumed: subscribes, begins a {@link CatchUp}
 *                          ◄────────── Tail ──────────
 *                           ────────── Forward … ─────►  hands out what is next
 *                           ────────── Claimed ───────►  knows of whom it is still to hear
 *                          ◄────────── TailDone ──────  has caught up
 *   unsubscribes
 * </pre>
 */
final class SessionMoves {
  private final LocalInterest interest;
  private final Neighbours neighbours;
  private final Deliveries deliveries;
  private final TopicOutput output;
  private final TopicCounters counters;

  /** Tails of sessions that are still here. */
  private final Map<Long, Tail> frozen = new HashMap<>();

  private final LeftTails left;
  private final CatchUps catchUps;

  SessionMoves(
      LocalInterest interest,
      Neighbours neighbours,
      Deliveries deliveries,
      TopicOutput output,
      TopicCounters counters,
      LeftTails left,
      CatchUps catchUps) {
    this.interest = interest;
    this.neighbours = neighbours;
    this.deliveries = deliveries;
    this.output = output;
    this.counters = counters;
    this.left = left;
    this.catchUps = catchUps;
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
    Tail tail = frozen.get(subscription.subscriber.session);
    if (tail != null) {
      tail.remove(subscription);
    }
    catchUps.removed(subscription);
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
    CatchUp catchUp = catchUps.remove(subscriber.session);
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
    for (int i = 0; i < subscription.topic.remote().size(); i++) {
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
    CatchUp catchUp = catchUps.add(subscriber, CatchUp.NOBODY);
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

  /** What was kept here is all that the session gets. */
  private void feed(CatchUp catchUp, Tail tail) {
    for (Begun each : tail.begun()) {
      catchUp.begun(each.publisher(), each.topic(), each.n());
    }
    for (Tail.Kept each : tail.drain()) {
      catchUp.forwarded(each.publication());
      each.publication().release();
    }
    for (Passed each : tail.passed()) {
      catchUp.passed(each.publisher(), each.topic(), each.n());
    }
    tail.ended().forEach(catchUp::ended);
    catchUp.endForwardsHere();
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
      topics.add(new TopicPosition(each.topic.name, each.about, each.isUnsure, each.marks));
    }
    return new TopicPositions(neighbours.self(), subscriber.move, neighbours.dead(), topics);
  }

  /** The session that was saved is given away. */
  void departed(Subscriber subscriber) {
    Tail tail = frozen.remove(subscriber.session);
    if (tail == null) {
      throw new IllegalStateException("session " + subscriber.session + " left without a save");
    }
    subscriber.hasLeft = true;
    left.add(tail);
  }

  /**
   * A session has come from another worker, or back.
   *
   * @return how many of its topics it may not have here
   */
  int resumed(Subscriber subscriber, TopicPositions positions) {
    subscriber.move = positions.move();
    positions.dead().forEach(neighbours::heardDead);
    boolean isNear = neighbours.index(positions.from()) > InterestTable.SELF;
    CatchUp catchUp = catchUps.add(subscriber, isNear ? positions.from() : CatchUp.NOBODY);
    int refused = 0;
    for (TopicPosition each : positions.topics()) {
      if (interest.add(subscriber, each.topic(), deliveries) == Subscribed.YES) {
        Subscription subscription = subscriber.subscription(each.topic());
        if (subscription != null) {
          if (!interest.about(subscription, each.about())) {
            refused++; // the service's word would be another one here
          }
          catchUp.add(subscription, each.marks(), positions.dead());
          if (each.isUnsure()) {
            deliveries.unsure(subscription);
          }
        }
      } else {
        refused++;
      }
    }
    Tail own = left.get(subscriber.session, subscriber.move);
    if (isNear) {
      catchUp.begin();
      if (!catchUp.isDone()) {
        output.send(positions.from(), new MeshMessage.Tail(subscriber.session, subscriber.move));
      }
    } else if (own != null && positions.from() == neighbours.self()) {
      feed(catchUp, own);
      left.end(own);
    } else {
      catchUp.endForwards();
      catchUp.settle();
      catchUp.begin();
    }
    return refused;
  }

  /** A worker has died; its last numbers are still known. */
  void dying(long worker) {
    frozen.values().forEach(each -> each.died(worker));
    left.dying(worker);
  }
}
