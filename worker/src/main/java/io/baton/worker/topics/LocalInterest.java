package io.baton.worker.topics;

import io.baton.mesh.MeshMessage.Synced;
import io.baton.mesh.MeshMessage.Unwant;
import io.baton.mesh.MeshMessage.Want;
import io.baton.worker.topics.SubscriptionGraph.Receiver;
import io.baton.worker.topics.SubscriptionGraph.Subscriber;
import io.baton.worker.topics.SubscriptionGraph.Subscription;
import io.baton.worker.topics.SubscriptionGraph.Topic;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What this worker wants of all: exactly the topics with a subscription. Every neighbour is told of
 * every change, and a newcomer of all there is, some topics at a time.
 */
final class LocalInterest {
  private final SubscriptionGraph graph;
  private final InterestTable table;
  private final TopicHash hash;
  private final Neighbours neighbours;
  private final TopicOutput output;

  /**
   * A neighbour that is being told of the topics.
   *
   * @param again whether only of those that it had no memory for
   */
  private record Telling(WalkableList<Topic>.Walk topics, boolean again) {}

  private final Map<Long, Telling> newcomers = new HashMap<>();

  LocalInterest(
      SubscriptionGraph graph,
      InterestTable table,
      TopicHash hash,
      Neighbours neighbours,
      TopicOutput output) {
    this.graph = graph;
    this.table = table;
    this.hash = hash;
    this.neighbours = neighbours;
    this.output = output;
  }

  /** Subscribes a topic, if that is allowed. */
  Subscribed add(Subscriber subscriber, String name, Receiver receiver) {
    Subscribed answer = graph.check(subscriber, name);
    if (answer != Subscribed.YES) {
      return answer;
    }
    Topic topic = graph.topic(name);
    if (topic == null) {
      long key = hash.of(name);
      long last = table.want(key, InterestTable.SELF);
      if (last == InterestTable.NONE) {
        graph.giveUp(name);
        return Subscribed.NO_MEMORY;
      }
      topic = graph.create(name, key);
      topic.last(InterestTable.SELF, last);
      Want want = new Want(name, topic.epoch);
      eachNeighbour(each -> output.send(each, want));
      output.want(name, true);
    }
    graph.add(subscriber, topic, receiver);
    return Subscribed.YES;
  }

  /** Sets what a session says about itself, if there is memory for it. */
  boolean about(Subscription subscription, String text) {
    return graph.about(subscription, text);
  }

  void remove(Subscription subscription) {
    Topic topic = subscription.topic;
    graph.remove(subscription);
    if (topic.size() == 0) {
      table.unwant(topic.hash, InterestTable.SELF);
      Unwant unwant = new Unwant(topic.name);
      eachNeighbour(each -> output.send(each, unwant));
      output.want(topic.name, false);
    }
  }

  private void eachNeighbour(Consumer<Long> action) {
    for (long each : neighbours.all()) {
      if (each != neighbours.self()) {
        action.accept(each);
      }
    }
  }

  /** Begins to tell a neighbour of all topics: a newcomer, or one that has to hear them again. */
  void introduce(long newcomer) {
    begin(newcomer, false);
  }

  /** Tells a neighbour once more of the topics that it had no memory for. */
  void askAgain(long neighbour) {
    if (neighbours.index(neighbour) != Neighbours.GONE && !newcomers.containsKey(neighbour)) {
      begin(neighbour, true);
    }
  }

  private void begin(long newcomer, boolean again) {
    forget(newcomer);
    newcomers.put(newcomer, new Telling(graph.topics().walk(), again));
    goOn(newcomer);
  }

  /** Lets time pass: those who are asked again may have granted all that was looked at so far. */
  void tick() {
    for (Map.Entry<Long, Telling> each : List.copyOf(newcomers.entrySet())) {
      if (each.getValue().again) {
        goOn(each.getKey());
      }
    }
  }

  /** Tells it of some more topics, for which it has room; at the end, that there are no more. */
  void goOn(long newcomer) {
    Telling its = newcomers.get(newcomer);
    if (its == null) {
      return;
    }
    int index = neighbours.known(newcomer);
    boolean isAll =
        its.topics.goOn(
            TopicLimits.INTRODUCED_AT_A_TIME,
            topic -> {
              if (!its.again || topic.last(index) == SubscriptionGraph.NONE) {
                output.send(newcomer, new Want(topic.name, topic.epoch));
              }
            });
    if (isAll) {
      newcomers.remove(newcomer);
      output.send(newcomer, new Synced());
    }
  }

  /** The neighbour is told nothing more. */
  void forget(long neighbour) {
    Telling its = newcomers.remove(neighbour);
    if (its != null) {
      its.topics.stop();
    }
  }
}
