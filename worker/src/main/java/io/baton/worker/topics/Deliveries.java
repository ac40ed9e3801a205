package io.baton.worker.topics;

import io.baton.worker.topics.SubscriptionGraph.Receiver;
import io.baton.worker.topics.SubscriptionGraph.Subscriber;
import io.baton.worker.topics.SubscriptionGraph.Subscription;
import org.jspecify.annotations.Nullable;

/**
 * Publications on their way to sessions, each of which may have so many that its service has not
 * handled. What is more is dropped and told, once half of the room is there again.
 */
final class Deliveries implements Receiver {
  private final TopicOutput output;
  private final TopicCounters counters;

  Deliveries(TopicOutput output, TopicCounters counters) {
    this.output = output;
    this.counters = counters;
  }

  @Override
  public void published(Subscription to, Publication publication) {
    Subscriber subscriber = to.subscriber;
    if (to.missed != 0 || subscriber.waiting >= subscriber.limit) {
      counters.missedBySession++;
      miss(to, 1);
      return;
    }
    subscriber.waiting++;
    counters.delivered++;
    output.deliver(subscriber.session, publication.retain());
  }

  @Override
  public void lost(Subscription to, long publisher, long last, long count) {
    if (RemotePublications.isRemote(publisher)) {
      counters.missedByBroker += Math.max(1, count);
    } else {
      counters.missedByLink += Math.max(1, count);
    }
    miss(to, count);
  }

  @Override
  public void unsure(Subscription to) {
    miss(to, TopicOutput.UNKNOWN);
  }

  @Override
  public void severed(Subscription to) {
    counters.missedByLink++;
    miss(to, TopicOutput.UNKNOWN);
  }

  @Override
  public void began(Subscription to, long publisher) {
    // The session gets what is published from now on.
  }

  /** Tells a loss, now or as soon as there is room. */
  void miss(Subscription to, long count) {
    boolean isFirst = to.missed == 0;
    to.missed = to.missed < 0 || count < 0 ? TopicOutput.UNKNOWN : Math.addExact(to.missed, count);
    if (isFirst && to.missed != 0) {
      if (to.subscriber.waiting < to.subscriber.limit) {
        tell(to);
      } else {
        to.subscriber.untold.add(to);
      }
    }
  }

  private void tell(Subscription to) {
    to.subscriber.waiting++;
    long missed = to.missed;
    to.missed = 0;
    output.missed(to.subscriber.session, to.topic.name, missed);
  }

  /** Tells all losses now: the session is about to be saved. */
  void tellAll(Subscriber to) {
    while (!to.untold.isEmpty()) {
      tell(to.untold.remove());
    }
  }

  /** A session's service has handled a publication, or, with null, the news of a loss. */
  void handled(Subscriber by, @Nullable Publication publication) {
    if (by.waiting == 0) {
      throw new IllegalStateException("session " + by.session + " has handled too much");
    }
    by.waiting--;
    if (publication != null) {
      publication.release();
    }
    if (by.waiting > TopicLimits.WAITING_RELAXED) {
      return;
    }
    if (!by.catchesUp) {
      by.limit = TopicLimits.WAITING;
    }
    while (!by.untold.isEmpty() && by.waiting < by.limit) {
      tell(by.untold.remove());
    }
  }

  /** The subscription ends. */
  static void forget(Subscription subscription) {
    if (subscription.missed != 0) {
      subscription.subscriber.untold.remove(subscription);
      subscription.missed = 0;
    }
  }
}
