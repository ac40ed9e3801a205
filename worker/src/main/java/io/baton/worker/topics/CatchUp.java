package io.baton.worker.topics;

import static io.baton.worker.topics.RemotePublications.isRemote;

import io.baton.worker.topics.SubscriptionGraph.Mark;
import io.baton.worker.topics.SubscriptionGraph.Receiver;
import io.baton.worker.topics.SubscriptionGraph.Subscriber;
import io.baton.worker.topics.SubscriptionGraph.Subscription;
import io.baton.worker.topics.SubscriptionGraph.Topic;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

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

  /** What the worker itself knows of its topics. */
  interface Adopter {
    /**
     * A publisher of another machine is known by what a session has got of it: what follows this
     * number is due. Tells all receivers of the topic.
     *
     * @return whether that is remembered
     */
    boolean adopt(Topic topic, long publisher, long n);
  }

  final Subscriber subscriber;
  final long endsAt;

  /** When it began. */
  final long begunAt;

  private final Neighbours neighbours;
  private final Deliveries deliveries;
  private final TopicCounters counters;
  private final Map<Subscription, List<Cursor>> cursors = new LinkedHashMap<>();
  private final Consumer<CatchUp> done;
  private final Adopter adopter;
  private boolean settled;
  private long source;

  /** Whether the former worker has said all that it knew when its tail was claimed. */
  private boolean claimed;

  private boolean begun;
  private int held;
  private long heldBytes;

  CatchUp(
      Subscriber subscriber,
      long source,
      long begunAt,
      Neighbours neighbours,
      Deliveries deliveries,
      TopicCounters counters,
      Adopter adopter,
      Consumer<CatchUp> done) {
    this.subscriber = subscriber;
    this.begunAt = begunAt;
    this.adopter = adopter;
    this.done = done;
    this.source = source;
    this.endsAt = begunAt + TopicLimits.CATCH_UP_MS;
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
    for (int i = 0; i < subscription.topic.remote().size(); i++) {
      long each = subscription.topic.remote().worker(i);
      if (marks.stream().noneMatch(mark -> mark.publisher() == each)) {
        long last = subscription.topic.remote().last(each);
        all.add(Cursor.unstarted(each, last, new Handing(subscription)));
      }
    }
    for (long each : neighbours.all()) {
      if (!dead.contains(each) && marks.stream().noneMatch(mark -> mark.publisher() == each)) {
        all.add(unbegun(each, subscription));
      }
    }
    for (Mark mark : marks) {
      all.add(new Cursor(mark.publisher(), mark.n(), new Handing(subscription)));
    }
    for (long each : dead) {
      if (neighbours.index(each) != Neighbours.GONE
          && marks.stream().noneMatch(mark -> mark.publisher() == each)) {
        all.add(Cursor.atEnd(each, new Handing(subscription)));
      }
    }
    cursors.put(subscription, all);
    subscription.receiver = this;
    for (Cursor each : all) {
      long last = RemotePublications.last(subscription.topic, each.publisher, neighbours);
      if (last != SubscriptionGraph.NONE) {
        each.began(last);
      } else if (neighbours.isDead(each.publisher) || neighbours.isSevered(each.publisher)) {
        each.gone();
        if (neighbours.isSevered(each.publisher)) {
          severed(subscription);
        }
      }
    }
    check(subscription);
  }

  /** A publisher that had not said its last number to the former worker. */
  private Cursor unbegun(long publisher, Subscription to) {
    long last = RemotePublications.last(to.topic, publisher, neighbours);
    return Cursor.unstarted(publisher, last, new Handing(to));
  }

  /** There is another neighbour: the former worker may hear of it before this one does. */
  void introduced(long neighbour) {
    if (source != NOBODY) {
      cursors.forEach((to, all) -> {
        if (cursor(to, neighbour) == null) {
          all.add(unbegun(neighbour, to));
        }
      });
    }
  }

  /**
   * What comes from other machines has come here, too, for so long that nothing that is missing
   * here will be forwarded of publishers that were not heard.
   */
  void settle() {
    settled = true;
    for (Subscription each : List.copyOf(cursors.keySet())) {
      for (Cursor cursor : List.copyOf(cursors(each))) {
        if (!isRemote(cursor.publisher)) {
          continue;
        }
        if (!cursor.isStarted()) {
          cursor.startHere();
        } else if (cursor.isUnheard()
            && !adopter.adopt(each.topic, cursor.publisher, cursor.known())) {
          cursor.began(cursor.known());
        }
      }
      check(each);
    }
  }

  boolean isSettled() {
    return settled;
  }

  /**
   * Returns up to which number the subscription has got what a worker of another machine says; NONE
   * if it is not known where that begins.
   */
  long position(Subscription to, long publisher) {
    Cursor cursor = cursor(to, publisher);
    if (cursor == null) {
      return to.topic.remote().last(publisher);
    }
    return cursor.isStarted() ? cursor.position() : SubscriptionGraph.NONE;
  }

  /** Whether it is known where what a publisher publishes begins for the subscription. */
  boolean hasStarted(Subscription to, long publisher) {
    Cursor cursor = cursor(to, publisher);
    return cursor == null || cursor.isStarted();
  }

  private List<Cursor> cursors(Subscription subscription) {
    return cursors.getOrDefault(subscription, List.of());
  }

  private @Nullable Cursor cursor(Subscription subscription, long publisher) {
    for (Cursor each : cursors(subscription)) {
      if (each.publisher == publisher) {
        return each;
      }
    }
    return null;
  }

  /**
   * Returns a cursor for what the former worker says of a publisher; null if that is not needed.
   *
   * @param before number of the last publication before what it says
   */
  private @Nullable Cursor forwardedOf(Subscription to, long publisher, long before) {
    Cursor cursor = cursor(to, publisher);
    List<Cursor> all = cursors.get(to);
    if (all == null) {
      return null; // subscribed since, or done
    }
    if (cursor == null && !settled && isRemote(publisher)) {
      cursor = new Cursor(publisher, before, new Handing(to));
      all.add(cursor);
    } else if (cursor == null && isUnknown(publisher)) {
      cursor = unbegun(publisher, to);
      all.add(cursor);
    } else if (cursor != null && !cursor.isStarted() && isRemote(publisher)) {
      cursor.start(before);
    }
    return cursor;
  }

  /** A worker of this machine that is dead, or that this one has not heard of yet. */
  private boolean isUnknown(long publisher) {
    return !isRemote(publisher) && neighbours.index(publisher) == Neighbours.GONE;
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
    Cursor cursor = cursor(to, publication.publisher());
    if (cursor == null) {
      deliveries.published(to, publication);
    } else {
      hold(cursor, publication);
      cursor.direct(publication.n());
      check(to);
    }
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
    Cursor cursor = cursor(to, publisher);
    if (cursor == null) {
      deliveries.lost(to, publisher, last, count);
    } else {
      cursor.direct(last);
      check(to);
    }
  }

  @Override
  public void began(Subscription to, long publisher) {
    long last = RemotePublications.last(to.topic, publisher, neighbours);
    Cursor cursor = cursor(to, publisher);
    if (cursor != null) {
      cursor.began(last);
      check(to);
    } else if (!settled && isRemote(publisher)) {
      cursors(to).add(Cursor.unstarted(publisher, last, new Handing(to)));
    }
  }

  @Override
  public void unsure(Subscription to) {
    deliveries.unsure(to);
  }

  @Override
  public void severed(Subscription to) {
    deliveries.severed(to);
  }

  /** A publisher has died; after its last publication has been received. */
  void died(long publisher) {
    for (Subscription each : List.copyOf(cursors.keySet())) {
      change(each, publisher, Cursor::gone);
    }
  }

  /** Returns who has died here, and of whom the former worker has not said that nothing follows. */
  Set<Long> unended() {
    return cursors.values().stream()
        .flatMap(List::stream)
        .filter(each -> each.isGone() && !each.isDone())
        .map(each -> each.publisher)
        .collect(Collectors.toSet());
  }

  /** The former worker has forwarded a publication. */
  void forwarded(Publication publication) {
    Subscription to = subscriber.subscription(publication.topic());
    Cursor cursor =
        to == null ? null : forwardedOf(to, publication.publisher(), publication.n() - 1);
    if (to != null && cursor != null) {
      hold(cursor, publication);
      cursor.forwarded(publication.n());
      check(to);
    }
  }

  /** The former worker has nothing up to this number, or no more of it. */
  void passed(long publisher, String topic, long n) {
    Subscription to = subscriber.subscription(topic);
    Cursor cursor = to == null ? null : forwardedOf(to, publisher, n);
    if (to != null && cursor != null) {
      cursor.forwarded(n);
      check(to);
    }
  }

  /** The former worker has forwarded all that there is of a publisher. */
  void ended(long publisher) {
    for (Subscription each : List.copyOf(cursors.keySet())) {
      Cursor cursor = cursor(each, publisher);
      if (cursor != null) {
        endForwards(each, cursor);
        if (isUnknown(publisher)) {
          neighbours.noteDead(publisher);
          cursor.gone();
        }
        check(each);
      }
    }
  }

  /** Whoever is still unknown here is dead: it would have been introduced by now. */
  void endUnknown() {
    for (Subscription each : List.copyOf(cursors.keySet())) {
      for (Cursor cursor : List.copyOf(cursors(each))) {
        if (isUnknown(cursor.publisher)) {
          neighbours.noteDead(cursor.publisher);
          cursor.gone();
        }
      }
      check(each);
    }
  }

  /** Of a publisher that has not begun here, all that there will be comes directly. */
  private void endForwards(Subscription to, Cursor cursor) {
    if (cursor.hasBegun()) {
      cursor.startHere();
      cursor.forwardedAll();
    } else {
      cursors(to).remove(cursor);
      cursor.drain().forEach(cursor.sink::dropped);
    }
  }

  /** The former worker gets what a publisher publishes after this number, and forwards it. */
  void begun(long publisher, String topic, long n) {
    Subscription to = subscriber.subscription(topic);
    if (to != null) {
      Cursor cursor = forwardedOf(to, publisher, n);
      if (cursor != null && !cursor.isStarted()) {
        cursor.start(n);
      }
      check(to);
    }
  }

  /**
   * The former worker has said all that it knew when it was asked, and will say of the others where
   * they begin, or that they have died.
   */
  void claimed(List<Long> unheard) {
    claimed = true;
    for (Subscription each : List.copyOf(cursors.keySet())) {
      for (long publisher : unheard) {
        if (cursor(each, publisher) == null) {
          cursors(each).add(unbegun(publisher, each));
        }
      }
      check(each);
    }
  }

  /** The former worker is told to forward no more. */
  void release() {
    source = NOBODY;
  }

  /** The former worker forwards no more. Of whom it has not spoken, something may be missing. */
  void endForwards() {
    endForwards(cursor -> !cursor.isStarted() && !isRemote(cursor.publisher));
  }

  /** This worker is the former one itself, and has spoken of all. */
  void endForwardsHere() {
    endForwards(_ -> false);
  }

  private void endForwards(Predicate<Cursor> isUncertain) {
    source = NOBODY;
    for (Subscription each : List.copyOf(cursors.keySet())) {
      for (Cursor cursor : List.copyOf(cursors(each))) {
        if (isUncertain.test(cursor)) {
          cursor.sink.lost(TopicOutput.UNKNOWN);
        }
        endForwards(each, cursor);
      }
      check(each);
    }
  }

  private void change(Subscription to, long publisher, Consumer<Cursor> change) {
    Cursor cursor = cursor(to, publisher);
    if (cursor != null) {
      change.accept(cursor);
      check(to);
    }
  }

  /** A subscription that has caught up with all publishers goes on like all others. */
  private void check(Subscription subscription) {
    if (settled
        && (claimed || source == NOBODY)
        && cursors.containsKey(subscription)
        && cursors(subscription).stream().allMatch(Cursor::isDone)) {
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
