package io.baton.worker.topics;

import io.baton.worker.topics.SubscriptionGraph.Mark;
import io.baton.worker.topics.SubscriptionGraph.Receiver;
import io.baton.worker.topics.SubscriptionGraph.Subscriber;
import io.baton.worker.topics.SubscriptionGraph.Subscription;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A session that has moved here, until it has got of each of its topics what was published since it
 * was frozen. A subscription that has is received by {@link Deliveries}, as all others are.
 *
 * <pre>
 *   its former worker forwards ──TailDone, its death, or too late──► it does not ──► caught up
 *      └──────────────────── caught up: TailDone to it ─────────────────────────────────┘
 * </pre>
 *
 * <p>What is missing when nothing will be forwarded any more is lost, and told; only a publisher
 * that has not said its last number yet is waited for until it does or dies.
 */
final class CatchUp implements Receiver {
  /** Nobody forwards, for {@link #source}. */
  static final long NOBODY = -1;

  final Subscriber subscriber;
  final long endsAt;

  private final Neighbours neighbours;
  private final Deliveries deliveries;
  private final TopicCounters counters;
  private final Map<Subscription, List<Cursor>> cursors = new LinkedHashMap<>();
  private final Consumer<CatchUp> done;
  private long source;
  private boolean begun;
  private int held;
  private long heldBytes;

  CatchUp(
      Subscriber subscriber,
      long source,
      long endsAt,
      Neighbours neighbours,
      Deliveries deliveries,
      TopicCounters counters,
      Consumer<CatchUp> done) {
    this.subscriber = subscriber;
    this.done = done;
    this.source = source;
    this.endsAt = endsAt;
    this.neighbours = neighbours;
    this.deliveries = deliveries;
    this.counters = counters;
    subscriber.catchesUp = true;
    subscriber.limit = TopicLimits.WAITING_AFTER_MOVE;
  }

  /** Returns the worker that forwards, or {@link #NOBODY}. */
  long source() {
    return source;
  }

  boolean isDone() {
    return cursors.isEmpty();
  }

  /** All subscriptions have been added. */
  void begin() {
    begun = true;
    endIfDone();
  }

  private void endIfDone() {
    if (begun && isDone()) {
      subscriber.catchesUp = false;
      if (subscriber.waiting <= TopicLimits.WAITING_RELAXED) {
        subscriber.limit = TopicLimits.WAITING;
      }
      done.accept(this);
    }
  }

  /**
   * Adds a subscription.
   *
   * @param marks what its session has got
   * @param dead workers of which there is nothing that it has not got, unless a mark says otherwise
   */
  void add(Subscription subscription, List<Mark> marks, List<Long> dead) {
    List<Cursor> all = new ArrayList<>(marks.size());
    for (Mark mark : marks) {
      all.add(new Cursor(mark.publisher(), mark.n(), new Handing(subscription)));
    }
    for (long each : dead) {
      if (neighbours.index(each) != Neighbours.GONE
          && marks.stream().noneMatch(mark -> mark.publisher() == each)) {
        all.add(Cursor.atEnd(each, new Handing(subscription)));
      }
    }
    if (all.isEmpty()) {
      return;
    }
    cursors.put(subscription, all);
    subscription.receiver = this;
    for (Cursor each : all) {
      int publisher = neighbours.index(each.publisher);
      if (publisher == Neighbours.GONE) {
        neighbours.noteDead(each.publisher);
        each.gone();
      } else if (subscription.topic.last(publisher) != SubscriptionGraph.NONE) {
        each.began(subscription.topic.last(publisher));
      }
    }
    check(subscription, all);
  }

  /** The deliveries of a cursor. */
  private final class Handing implements Cursor.Sink {
    private final Subscription to;

    private Handing(Subscription to) {
      this.to = to;
    }

    @Override
    public void next(Publication publication) {
      deliveries.published(to, publication);
      dropped(publication);
    }

    @Override
    public void dropped(Publication publication) {
      held--;
      heldBytes -= publication.bytes();
      publication.release();
    }

    @Override
    public void lost(long count) {
      counters.missedByMove += Math.max(1, count);
      deliveries.miss(to, count);
    }
  }

  @Override
  public void published(Subscription to, Publication publication) {
    List<Cursor> all = cursors.getOrDefault(to, List.of());
    for (Cursor each : all) {
      if (each.publisher == publication.publisher()) {
        hold(each, publication);
        each.direct(publication.n());
        check(to, all);
        return;
      }
    }
    deliveries.published(to, publication);
  }

  private void hold(Cursor cursor, Publication publication) {
    boolean hasRoom =
        held < TopicLimits.KEPT && heldBytes + publication.bytes() <= TopicLimits.KEPT_BYTES;
    if (cursor.offer(publication, hasRoom)) {
      held++;
      heldBytes += publication.bytes();
    }
  }

  @Override
  public void lost(Subscription to, long publisher, long last, long count) {
    List<Cursor> all = cursors.getOrDefault(to, List.of());
    for (Cursor each : all) {
      if (each.publisher == publisher) {
        each.direct(last);
        check(to, all);
        return;
      }
    }
    deliveries.lost(to, publisher, last, count);
  }

  @Override
  public void began(Subscription to, long publisher) {
    long last = to.topic.last(neighbours.index(publisher));
    change(to, publisher, each -> each.began(last));
  }

  /** A publisher has died; after its last publication has been received. */
  void died(long publisher) {
    for (Subscription each : List.copyOf(cursors.keySet())) {
      change(each, publisher, Cursor::gone);
    }
  }

  /** The former worker has forwarded a publication. */
  void forwarded(Publication publication) {
    Subscription to = subscriber.subscription(publication.topic());
    if (to != null) {
      change(
          to,
          publication.publisher(),
          each -> {
            hold(each, publication);
            each.forwarded(publication.n());
          });
    }
  }

  /** The former worker has nothing up to this number, or no more of it. */
  void passed(long publisher, String topic, long n) {
    Subscription to = subscriber.subscription(topic);
    if (to != null) {
      change(to, publisher, each -> each.forwarded(n));
    }
  }

  /** The former worker has forwarded all that there is of a publisher. */
  void ended(long publisher) {
    for (Subscription each : List.copyOf(cursors.keySet())) {
      change(each, publisher, Cursor::forwardedAll);
    }
  }

  /** The former worker is told to forward no more. */
  void release() {
    source = NOBODY;
  }

  /** Nothing more is forwarded by anybody. */
  void endForwards() {
    source = NOBODY;
    for (Subscription each : List.copyOf(cursors.keySet())) {
      List<Cursor> all = cursors.getOrDefault(each, List.of());
      all.forEach(Cursor::forwardedAll);
      check(each, all);
    }
  }

  private void change(Subscription to, long publisher, Consumer<Cursor> change) {
    List<Cursor> all = cursors.getOrDefault(to, List.of());
    for (Cursor each : all) {
      if (each.publisher == publisher) {
        change.accept(each);
      }
    }
    check(to, all);
  }

  /** A subscription that has caught up with all publishers goes on like all others. */
  private void check(Subscription subscription, List<Cursor> all) {
    for (Cursor each : all) {
      if (!each.isDone()) {
        return;
      }
    }
    if (!all.isEmpty()) {
      remove(subscription);
      subscription.receiver = deliveries;
    }
  }

  /** Returns the cursors of a subscription, and forgets it. */
  List<Cursor> take(Subscription subscription) {
    List<Cursor> all = cursors.remove(subscription);
    endIfDone();
    return all == null ? List.of() : all;
  }

  /** A subscription ends, or needs its cursors no longer. */
  void remove(Subscription subscription) {
    for (Cursor each : take(subscription)) {
      for (Publication publication : each.drain()) {
        held--;
        heldBytes -= publication.bytes();
        publication.release();
      }
    }
  }
}
