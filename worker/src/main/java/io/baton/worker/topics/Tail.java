package io.baton.worker.topics;

import io.baton.mesh.MeshMessage.Begun;
import io.baton.mesh.MeshMessage.Claimed;
import io.baton.mesh.MeshMessage.Ended;
import io.baton.mesh.MeshMessage.Forward;
import io.baton.mesh.MeshMessage.Passed;
import io.baton.mesh.MeshMessage.TailDone;
import io.baton.worker.topics.SubscriptionGraph.Mark;
import io.baton.worker.topics.SubscriptionGraph.Receiver;
import io.baton.worker.topics.SubscriptionGraph.Subscriber;
import io.baton.worker.topics.SubscriptionGraph.Subscription;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What a session that moves leaves behind: its subscriptions, and all that is published to them
 * since it was frozen. Its next worker claims it; then all of it is forwarded, and whatever comes
 * until that worker has enough.
 *
 * <pre>
 *   KEEPING ──claim──► FORWARDING ──TailDone, or too late──► gone
 *      └──── the session does not move after all, or nobody claims it in time ────┘
 * </pre>
 *
 * <p>When the link to the next worker begins anew, it keeps again until it is claimed once more.
 */
final class Tail implements Receiver {
  /** Nobody has claimed it, for {@link #claimant}. */
  static final long NOBODY = -1;

  /** There is no time by which it ends, for {@link #endsAt}. */
  static final long NEVER = Long.MAX_VALUE;

  /** A publication for one subscription. */
  record Kept(Subscription subscription, Publication publication) {}

  final Subscriber subscriber;
  final int move;

  /** Whether the session has been told what it has got. */
  boolean isSaved;

  /** When it ends by itself. */
  long endsAt = NEVER;

  private final Neighbours neighbours;
  private final TopicOutput output;
  private final TopicCounters counters;
  private final List<Kept> kept = new ArrayList<>();
  private final List<Begun> begun = new ArrayList<>();
  private final List<Passed> passed = new ArrayList<>();
  private final Set<Long> ended = new HashSet<>();
  private long keptBytes;
  private long claimant = NOBODY;

  Tail(Subscriber subscriber, Neighbours neighbours, TopicOutput output, TopicCounters counters) {
    this.subscriber = subscriber;
    this.move = subscriber.move;
    this.neighbours = neighbours;
    this.output = output;
    this.counters = counters;
  }

  /** Returns the worker that has claimed it, or {@link #NOBODY}. */
  long claimant() {
    return claimant;
  }

  @Override
  public void published(Subscription to, Publication publication) {
    if (claimant == NOBODY) {
      keep(to, publication);
    } else {
      forward(publication);
    }
  }

  /** Keeps a publication unless that is too much: then the next worker finds that it is missing. */
  void keep(Subscription to, Publication publication) {
    if (kept.size() < TopicLimits.KEPT
        && keptBytes + publication.bytes() <= TopicLimits.KEPT_BYTES) {
      kept.add(new Kept(to, publication.retain()));
      keptBytes += publication.bytes();
    }
  }

  private void forward(Publication each) {
    counters.forwarded++;
    boolean sent =
        output.send(
            claimant,
            new Forward(
                subscriber.session,
                move,
                each.publisher(),
                each.topic(),
                each.n(),
                each.message()));
    if (!sent) {
      pass(each.publisher(), each.topic(), each.n());
    }
  }

  private void pass(long publisher, String topic, long n) {
    output.send(claimant, new Passed(subscriber.session, move, publisher, topic, n));
  }

  @Override
  public void lost(Subscription to, long publisher, long last, long count) {
    if (claimant != NOBODY) {
      pass(publisher, to.topic.name, last);
    }
  }

  @Override
  public void began(Subscription to, long publisher) {
    if (to.marks.stream().anyMatch(each -> each.publisher() == publisher)) {
      return;
    }
    long last = RemotePublications.last(to.topic, publisher, neighbours);
    List<Mark> marks = new ArrayList<>(to.marks);
    marks.add(new Mark(publisher, last));
    to.marks = List.copyOf(marks);
    Begun its = new Begun(subscriber.session, move, publisher, to.topic.name, last);
    if (isSaved) {
      begun.add(its);
    }
    if (claimant != NOBODY) {
      output.send(claimant, its);
    }
  }

  @Override
  public void unsure(Subscription to) {
    to.isUnsure = true;
  }

  @Override
  public void severed(Subscription to) {
    // The session's next worker finds by the numbers what is missing.
  }

  /** A publisher has died, whose last numbers are still known: nothing more of it will come. */
  void died(long publisher) {
    ended.add(publisher);
    for (Subscription each : subscriber.subscriptions()) {
      for (Mark mark : each.marks) {
        if (mark.publisher() == publisher) {
          notePassed(each, mark, passed);
        }
      }
    }
    if (claimant != NOBODY) {
      output.send(claimant, new Ended(subscriber.session, move, publisher));
    }
  }

  /**
   * A publisher has died for the session's next worker, which has heard nothing of it from here.
   * This worker may never have known it; else it says so when the publisher dies here.
   */
  void endedThere(long publisher) {
    if (claimant != NOBODY && neighbours.index(publisher) == Neighbours.GONE) {
      output.send(claimant, new Ended(subscriber.session, move, publisher));
    }
  }

  /** Notes the last number of a publisher, in case that not all up to it has been kept. */
  private void notePassed(Subscription subscription, Mark mark, List<Passed> to) {
    long last = RemotePublications.last(subscription.topic, mark.publisher(), neighbours);
    if (last > mark.n()) {
      to.add(new Passed(subscriber.session, move, mark.publisher(), subscription.topic.name, last));
    }
  }

  /** The session's next worker wants all that is kept, and all that follows. */
  void claim(long by) {
    claimant = by;
    begun.forEach(each -> output.send(by, each));
    for (Kept each : drain()) {
      forward(each.publication);
      each.publication.release();
    }
    passed().forEach(each -> output.send(by, each));
    ended.forEach(each -> output.send(by, new Ended(subscriber.session, move, each)));
    output.send(by, new Claimed(subscriber.session, move, unheard()));
  }

  /** Returns the workers that are there, and have not said their last number of some topic. */
  private List<Long> unheard() {
    return neighbours.all().stream()
        .filter(worker ->
            subscriber.subscriptions().stream()
                .anyMatch(
                    each -> each.marks.stream().noneMatch(mark -> mark.publisher() == worker)))
        .toList();
  }

  /** The link to the next worker begins anew: what it was told may be lost, and it claims again. */
  void unclaim() {
    claimant = NOBODY;
  }

  /** Returns who has died since the session was frozen. */
  Set<Long> ended() {
    return ended;
  }

  /** Returns who has begun to be kept after the session was saved, and where. */
  List<Begun> begun() {
    return begun;
  }

  /** Returns up to where nothing is kept beyond what {@link #drain} has returned. */
  List<Passed> passed() {
    List<Passed> all = new ArrayList<>(passed);
    for (Subscription each : subscriber.subscriptions()) {
      each.marks.forEach(mark -> notePassed(each, mark, all));
    }
    return all;
  }

  /** Returns all that is kept, for the caller to release, and keeps none of it. */
  List<Kept> drain() {
    List<Kept> all = List.copyOf(kept);
    kept.clear();
    keptBytes = 0;
    return all;
  }

  /** A subscription ends. */
  void remove(Subscription subscription) {
    kept.removeIf(each -> {
      boolean isOfIt = each.subscription == subscription;
      if (isOfIt) {
        keptBytes -= each.publication.bytes();
        each.publication.release();
      }
      return isOfIt;
    });
  }

  /** Ends it; who has claimed it is told unless that has ended it. */
  void end(boolean tell) {
    drain().forEach(each -> each.publication.release());
    if (tell && claimant != NOBODY) {
      output.send(claimant, new TailDone(subscriber.session, move));
    }
  }
}
