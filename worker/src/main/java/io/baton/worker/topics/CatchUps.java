package io.baton.worker.topics;

import io.baton.mesh.MeshMessage;
import io.baton.mesh.MeshMessage.Ended;
import io.baton.mesh.MeshMessage.TailDone;
import io.baton.worker.topics.SubscriptionGraph.Subscriber;
import io.baton.worker.topics.SubscriptionGraph.Subscription;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The sessions that have moved here, or did not move after all, and get what they have missed. */
final class CatchUps {
  private final Neighbours neighbours;
  private final Deliveries deliveries;
  private final TopicOutput output;
  private final TopicCounters counters;
  private final RemotePublications remote;
  private final RunningTime time;
  private final Staleness staleness;
  private final Map<Long, CatchUp> catchUps = new HashMap<>();

  /** Whether there are other machines. */
  private boolean hasMachines;

  /** Since when what they publish comes here; {@link Tail#NEVER} while there is no connection. */
  private long connectedAt = Tail.NEVER;

  CatchUps(
      Neighbours neighbours,
      Deliveries deliveries,
      TopicOutput output,
      TopicCounters counters,
      RemotePublications remote,
      RunningTime time,
      Staleness staleness) {
    this.neighbours = neighbours;
    this.deliveries = deliveries;
    this.output = output;
    this.counters = counters;
    this.remote = remote;
    this.time = time;
    this.staleness = staleness;
  }

  /** There are other machines. */
  void cluster() {
    hasMachines = true;
  }

  /** What other machines publish comes here from now on, or does not come any more. */
  void connected(boolean isUp) {
    connectedAt = isUp ? time.ms() : Tail.NEVER;
  }

  /**
   * Whether what other machines publish has come here for long enough since the session has. If
   * there is no connection, what the former worker has is all that there is, for as long as it
   * forwards.
   */
  private boolean hasSettled(CatchUp catchUp) {
    return connectedAt == Tail.NEVER
        ? time.ms() >= catchUp.endsAt
        : time.ms() >= Math.max(catchUp.begunAt, connectedAt) + TopicLimits.SETTLE_MS;
  }

  /** Whether a session still gets what it missed; for so long at most. */
  boolean catchesUp(long session) {
    CatchUp catchUp = catchUps.get(session);
    return catchUp != null && time.ms() < catchUp.endsAt;
  }

  /**
   * Adds a session.
   *
   * @param source the worker that has what it missed, or {@link CatchUp#NOBODY}
   */
  CatchUp add(Subscriber subscriber, long source) {
    CatchUp catchUp =
        new CatchUp(
            subscriber,
            source,
            time.ms(),
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

  /**
   * Removes a session, which moves again: what has not been forwarded by now is lost.
   *
   * @return what it still was to get; null if it has all
   */
  @Nullable CatchUp remove(long session) {
    CatchUp catchUp = catchUps.get(session);
    if (catchUp != null) {
      giveUp(catchUp);
      catchUps.remove(session);
    }
    return catchUp;
  }

  /** There is another neighbour. */
  void introduced(long neighbour) {
    catchUps.values().forEach(each -> each.introduced(neighbour));
  }

  /** A subscription ends. */
  void removed(Subscription subscription) {
    CatchUp catchUp = catchUps.get(subscription.subscriber.session);
    if (catchUp != null) {
      catchUp.remove(subscription);
    }
  }

  /** The former worker of a session has no more for it. */
  void done(TailDone done) {
    CatchUp catchUp = current(done.session(), done.move());
    if (catchUp != null) {
      catchUp.endForwards();
    }
  }

  /** Does something with a session that catches up, if it is after this move. */
  void with(long session, int move, Consumer<CatchUp> action) {
    CatchUp catchUp = current(session, move);
    if (catchUp != null && catchUp.source() != CatchUp.NOBODY) {
      action.accept(catchUp);
    }
  }

  private @Nullable CatchUp current(long session, int move) {
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

  /**
   * Claims once more what a worker has for sessions here: the claim may be lost, or the answer. It
   * says then up to where nothing more will be forwarded.
   */
  void claimAgain(long source) {
    for (CatchUp each : catchUps.values()) {
      if (each.source() == source) {
        output.send(source, new MeshMessage.Tail(each.subscriber.session, each.subscriber.move));
        each.unended().forEach(publisher -> askForEnd(each, publisher));
      }
    }
  }

  /** The former worker may not say by itself that a publisher has died: it may be younger. */
  private void askForEnd(CatchUp catchUp, long publisher) {
    output.send(
        catchUp.source(),
        new Ended(catchUp.subscriber.session, catchUp.subscriber.move, publisher));
  }

  /** A worker has died, and nothing of it is known any more. */
  void died(long worker) {
    for (CatchUp each : List.copyOf(catchUps.values())) {
      each.died(worker);
      if (each.source() == worker) {
        each.endForwards();
      } else if (each.source() != CatchUp.NOBODY && each.unended().contains(worker)) {
        askForEnd(each, worker);
      }
    }
  }

  /** Ends what takes too long. */
  void tick() {
    for (CatchUp each : List.copyOf(catchUps.values())) {
      if (!each.isSettled() && hasSettled(each)) {
        each.settle();
      }
      if (each.endsAt <= time.ms()) {
        if (each.source() != CatchUp.NOBODY) {
          giveUp(each);
        }
        each.endUnknown();
      }
    }
  }
}
