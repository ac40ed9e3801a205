package io.baton.worker.topics;

import io.baton.mesh.MeshMessage;
import io.baton.mesh.MeshMessage.Gap;
import io.baton.mesh.MeshMessage.Has;
import io.baton.mesh.MeshMessage.Publish;
import io.baton.mesh.MeshMessage.Want;
import io.baton.worker.memory.MemoryAccount;
import io.baton.worker.topics.SubscriptionGraph.Subscription;
import io.baton.worker.topics.SubscriptionGraph.Topic;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The way of each publication: of this worker's own to all who want it, of others' to the sessions
 * here; and what is said about their numbers.
 */
final class Publications {
  private final InterestTable table;
  private final SubscriptionGraph graph;
  private final TopicHash hash;
  private final Neighbours neighbours;
  private final MemoryAccount memory;
  private final TopicOutput output;
  private final TopicCounters counters;
  private final Staleness staleness;
  private final Set<Long> refusing = new HashSet<>();

  Publications(
      InterestTable table,
      SubscriptionGraph graph,
      TopicHash hash,
      Neighbours neighbours,
      MemoryAccount memory,
      TopicOutput output,
      TopicCounters counters,
      Staleness staleness) {
    this.table = table;
    this.graph = graph;
    this.hash = hash;
    this.neighbours = neighbours;
    this.memory = memory;
    this.output = output;
    this.counters = counters;
    this.staleness = staleness;
  }

  /** Publishes a message; returns false if it is known already that somebody will not get it. */
  boolean publish(String topic, byte[] message) {
    int entry = table.find(hash.of(topic));
    if (entry < 0) {
      return true;
    }
    counters.published++;
    long n = table.count(entry);
    Publish publish = new Publish(topic, n, message);
    boolean toAll = true;
    for (int word = 0; word < table.words(); word++) {
      toAll &= send(publish, table.wanting(entry, word), InterestTable.first(word));
    }
    Topic here = graph.topic(topic);
    boolean allHere = here == null || route(here, InterestTable.SELF, n, message);
    return toAll && allHere;
  }

  private boolean send(Publish publish, long bits, int first) {
    boolean toAll = true;
    for (long left = bits; left != 0; left &= left - 1) {
      int index = first + Long.numberOfTrailingZeros(left);
      long to = neighbours.worker(index);
      if (index != InterestTable.SELF && !output.send(to, publish)) {
        output.send(to, new Gap(publish.topic(), publish.n()));
        toAll = false;
      }
    }
    return toAll;
  }

  /** Hands a publication to all subscriptions of its topic. */
  private boolean route(Topic topic, int publisher, long n, byte[] message) {
    long last = topic.last(publisher);
    if (last == SubscriptionGraph.NONE) {
      counters.unwanted++;
      return true;
    }
    if (n <= last) {
      return true;
    }
    if (n > last + 1) {
      lost(topic, publisher, n - 1);
    }
    long worker = neighbours.worker(publisher);
    Publication publication = Publication.of(topic.name, worker, n, message, memory);
    if (publication == null) {
      counters.refused++;
      lost(topic, publisher, n);
      return false;
    }
    topic.last(publisher, n);
    for (int i = 0; i < topic.size(); i++) {
      Subscription each = topic.subscription(i);
      each.receiver.published(each, publication);
    }
    publication.release();
    return true;
  }

  /** All up to this number will not come. */
  private void lost(Topic topic, int publisher, long n) {
    long last = topic.last(publisher);
    topic.last(publisher, n);
    long count = MeshMessage.sameRun(last, n) ? n - last : TopicOutput.UNKNOWN;
    for (int i = 0; i < topic.size(); i++) {
      Subscription each = topic.subscription(i);
      each.receiver.lost(each, neighbours.worker(publisher), n, count);
    }
  }

  /** A neighbour has published. */
  void published(int neighbour, Publish publish) {
    Topic topic = graph.topic(publish.topic());
    if (topic == null) {
      counters.unwanted++;
    } else {
      route(topic, neighbour, publish.n(), publish.message());
    }
  }

  /** A neighbour could not send what it has published. */
  void dropped(int neighbour, Gap gap) {
    Topic topic = graph.topic(gap.topic());
    if (topic != null && hasBegun(topic, neighbour) && gap.n() > topic.last(neighbour)) {
      lost(topic, neighbour, gap.n());
    }
  }

  private static boolean hasBegun(Topic topic, int neighbour) {
    return topic.last(neighbour) != SubscriptionGraph.NONE;
  }

  /** Nothing of a neighbour comes any more, although it may live. */
  void severed(int neighbour) {
    graph
        .topics()
        .walk()
        .goOn(
            Integer.MAX_VALUE,
            topic -> {
              for (int i = 0; hasBegun(topic, neighbour) && i < topic.size(); i++) {
                Subscription each = topic.subscription(i);
                each.receiver.severed(each);
              }
            });
  }

  /** A neighbour wants a topic. */
  void wanted(long from, int neighbour, Want want) {
    long last = table.want(hash.of(want.topic()), neighbour);
    long n = last == InterestTable.NONE ? MeshMessage.REFUSED : last;
    output.send(from, new Has(want.topic(), want.epoch(), n));
  }

  /** A neighbour has said the last number of a topic. */
  void began(int neighbour, Has has) {
    Topic topic = graph.topic(has.topic());
    if (topic == null || staleness.isOfEarlierWish(topic, has.epoch())) {
      return;
    }
    if (has.n() == MeshMessage.REFUSED) {
      refused(neighbour, topic);
      return;
    }
    if (hasBegun(topic, neighbour)) {
      if (has.n() > topic.last(neighbour)) {
        lost(topic, neighbour, has.n());
      }
      return;
    }
    topic.last(neighbour, has.n());
    for (int i = 0; i < topic.size(); i++) {
      Subscription each = topic.subscription(i);
      each.receiver.began(each, neighbours.worker(neighbour));
    }
  }

  /** A neighbour has no memory for our wish: what it publishes does not come, or not any more. */
  private void refused(int neighbour, Topic topic) {
    refusing.add(neighbours.worker(neighbour));
    topic.last(neighbour, SubscriptionGraph.NONE);
    counters.refused += topic.size();
    for (int i = 0; i < topic.size(); i++) {
      Subscription each = topic.subscription(i);
      each.receiver.unsure(each);
    }
  }

  /** Returns the neighbours that have refused something since the last call. */
  List<Long> refusing() {
    List<Long> all = List.copyOf(refusing);
    refusing.clear();
    return all;
  }
}
