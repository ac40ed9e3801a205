package io.baton.worker.topics;

import io.baton.mesh.MeshMessage;
import io.baton.worker.memory.MemoryAccount;
import io.baton.worker.topics.SubscriptionGraph.Subscription;
import io.baton.worker.topics.SubscriptionGraph.Topic;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What workers of other machines have published, as a broker brings it, which may lose any of it
 * without a word. They do not say their last numbers when this worker begins to want a topic: the
 * first that comes is the first that is due.
 *
 * <p>After an interruption everybody tells the numbers again. A topic of which all workers that
 * were known have done so, and no others, has its losses told exactly; subscribers of all others
 * are told that something may be missing, and not how much.
 */
public final class RemotePublications {
  /** The least number of a worker of another machine; those of this machine are far lower. */
  static final long LEAST = 1L << 62;

  /** How long the others may take to tell their numbers again. */
  static final long REPEAT_MS = 5_000;

  private static final long NEVER = Long.MAX_VALUE;

  private final SubscriptionGraph graph;
  private final MemoryAccount memory;
  private final TopicCounters counters;
  private final TopicCleanup forgotten;
  private long nowMs;

  /** The topics of which it is decided whether they have got over the last one. */
  private WalkableList<Topic>.@Nullable Walk decisions;

  private long decidesAt = NEVER;

  RemotePublications(SubscriptionGraph graph, MemoryAccount memory, TopicCounters counters) {
    this.graph = graph;
    this.memory = memory;
    this.counters = counters;
    forgotten = new TopicCleanup(graph.topics(), this::forget, _ -> {});
  }

  /** Whether this is the number of a worker of another machine. */
  public static boolean isRemote(long worker) {
    return worker >= LEAST;
  }

  /** Returns a number that no other worker has, if these bits are random. */
  public static long number(long random) {
    return LEAST | (random >>> 2);
  }

  /** A worker has published. */
  public void published(long worker, String name, long n, byte[] message) {
    Topic topic = graph.topic(name);
    if (topic == null) {
      counters.unwanted++;
      return;
    }
    long last = topic.remote().last(worker);
    if (last == SubscriptionGraph.NONE) {
      last = n - 1;
      if (!begin(topic, worker, last)) {
        return;
      }
    }
    if (n <= last) {
      return;
    }
    if (n > last + 1) {
      lost(topic, worker, n - 1);
    }
    Publication publication = Publication.of(topic.name, worker, n, message, memory);
    if (publication == null) {
      counters.refused++;
      lost(topic, worker, n);
      return;
    }
    heard(topic, worker, n);
    each(topic, to -> to.receiver.published(to, publication));
    publication.release();
  }

  /**
   * Something of a worker comes for the first time: what follows this number is due.
   *
   * @return false if there is no memory to remember that; then subscribers are told of a loss
   */
  boolean begin(Topic topic, long worker, long n) {
    if (!memory.reserve(RemotePositions.BYTES)) {
      counters.refused++;
      unsure(topic);
      return false;
    }
    topic.begin(worker, n, graph.interruptions());
    topic.isSuspect |= isDoubted(topic);
    each(topic, to -> to.receiver.began(to, worker));
    return true;
  }

  private void unsure(Topic topic) {
    counters.missedByBroker += topic.size();
    each(topic, to -> to.receiver.unsure(to));
  }

  private void heard(Topic topic, long worker, long n) {
    topic.remote().set(worker, n, graph.interruptions());
  }

  /** All up to this number will not come. */
  private void lost(Topic topic, long worker, long n) {
    long last = topic.remote().last(worker);
    heard(topic, worker, n);
    long count = MeshMessage.sameRun(last, n) ? n - last : TopicOutput.UNKNOWN;
    each(topic, to -> to.receiver.lost(to, worker, n, count));
  }

  private static void each(Topic topic, Consumer<Subscription> action) {
    for (int i = 0; i < topic.size(); i++) {
      action.accept(topic.subscription(i));
    }
  }

  /**
   * A worker has said the number of its last publication.
   *
   * @param unsure whether all before it may have reached nobody
   */
  public void marked(long worker, String name, long n, boolean unsure) {
    Topic topic = graph.topic(name);
    if (topic == null) {
      return;
    }
    long last = topic.remote().last(worker);
    if (last == SubscriptionGraph.NONE) {
      if (begin(topic, worker, n) && unsure) {
        unsure(topic);
      }
    } else if (n > last) {
      lost(topic, worker, n);
    } else {
      heard(topic, worker, last);
    }
  }

  /** A worker forgets the number of its last publication, which was this. */
  public void ended(long worker, String name, long n) {
    Topic topic = graph.topic(name);
    if (topic != null
        && topic.remote().last(worker) != SubscriptionGraph.NONE
        && n >= topic.remote().last(worker)) { // or it comes late, and there is more after it
      marked(worker, name, n, false);
      forget(topic, worker);
    }
  }

  /** A worker has ended, or was not heard for long. */
  public void forget(long worker) {
    forgotten.add(worker);
  }

  private void forget(Topic topic, long worker) {
    if (topic.remote().remove(worker)) {
      memory.release(RemotePositions.BYTES);
    }
  }

  /** There is a connection to the broker again; what has come meanwhile is not known. */
  public void restored() {
    graph.interrupted();
    decidesAt = nowMs + REPEAT_MS;
    if (decisions != null) {
      decisions.stop();
      decisions = null;
    }
  }

  /** Whether something may be missing that the numbers do not show. */
  private boolean isDoubted(Topic topic) {
    return topic.interruption != graph.interruptions();
  }

  /** Lets time pass. */
  void tick(long ms) {
    nowMs = ms;
    forgotten.goOn();
    if (ms >= decidesAt) {
      decidesAt = NEVER;
      decisions = graph.topics().walk();
    }
    if (decisions != null && decisions.goOn(TopicLimits.CLEANED_AT_A_TIME, this::decide)) {
      decisions = null;
    }
  }

  private void decide(Topic topic) {
    if (isDoubted(topic) && (topic.isSuspect || !topic.remote().allHeard(graph.interruptions()))) {
      unsure(topic);
    }
    topic.interruption = graph.interruptions();
    topic.isSuspect = false;
  }

  /** Returns the last number of a worker of any machine. */
  static long last(Topic topic, long worker, Neighbours neighbours) {
    if (isRemote(worker)) {
      return topic.remote().last(worker);
    }
    int index = neighbours.index(worker);
    return index == Neighbours.GONE ? SubscriptionGraph.NONE : topic.last(index);
  }
}
