package io.baton.worker.topics;

import io.baton.worker.memory.MemoryAccount;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The topics that sessions of this worker have subscribed, and who has subscribed them. A session
 * that moves has two subscribers for a while, one in each worker.
 */
final class SubscriptionGraph {
  /** What a topic and a subscription take besides the topic's name, in bytes, about. */
  static final int TOPIC_BYTES = 160;

  static final int SUBSCRIPTION_BYTES = 144;

  /** A session that has begun here, for {@link Subscriber#arrivedMs}. */
  static final long NEVER_MS = Long.MIN_VALUE / 2;

  /** No number has been heard yet. */
  static final long NONE = InterestTable.NONE;

  /**
   * Where the publications of a subscription go: to its session, or to its session's next worker.
   */
  interface Receiver {
    /** It was published and has come from its publisher; {@link Topic#last} is its number. */
    void published(Subscription to, Publication publication);

    /**
     * Some publications will not come from their publisher.
     *
     * @param last number of the last of them, which {@link Topic#last} is
     * @param count how many
     */
    void lost(Subscription to, long publisher, long last, long count);

    /** The publisher has said its last number, as {@link Topic#last}; what follows will come. */
    void began(Subscription to, long publisher);

    /** Some publications of other machines may be missing, and nobody knows how many. */
    void unsure(Subscription to);

    /** A publisher of this machine may live, and nothing of it comes any more. */
    void severed(Subscription to);
  }

  /** A topic with at least one subscription. */
  static final class Topic extends WalkableList.Node<Topic> {
    final String name;
    final long hash;

    /** What its {@link io.baton.mesh.MeshMessage.Want} says. */
    final int epoch;

    /** The last {@link RemotePublications#restored interruption} that it has got over. */
    int interruption;

    /** Whether, in one, a worker of another machine was heard for the first time. */
    boolean isSuspect;

    private long[] last = new long[0];
    private RemotePositions remote = RemotePositions.NONE;
    private Subscription[] subscriptions = new Subscription[1];
    private int size;

    Topic(String name, long hash, int epoch) {
      this.name = name;
      this.hash = hash;
      this.epoch = epoch;
    }

    /** Returns the last number of a worker, which {@link Neighbours} has numbered, or NONE. */
    long last(int worker) {
      return worker < last.length ? last[worker] : NONE;
    }

    void last(int worker, long n) {
      if (worker >= last.length) {
        if (n == NONE) {
          return;
        }
        int length = last.length;
        last = Arrays.copyOf(last, worker + 1);
        Arrays.fill(last, length, last.length, NONE);
      }
      last[worker] = n;
    }

    /** Returns the last numbers of workers of other machines. */
    RemotePositions remote() {
      return remote;
    }

    /** Something of a worker of another machine comes for the first time. */
    void begin(long worker, long n, int interruption) {
      if (remote == RemotePositions.NONE) {
        remote = new RemotePositions();
      }
      remote.set(worker, n, interruption);
    }

    int size() {
      return size;
    }

    Subscription subscription(int i) {
      return subscriptions[i];
    }

    private void add(Subscription subscription) {
      if (size == subscriptions.length) {
        subscriptions = Arrays.copyOf(subscriptions, size + (size >> 1) + 1);
      }
      subscription.index = size;
      subscriptions[size++] = subscription;
    }

    @SuppressWarnings("NullAway") // Behind the end.
    private void remove(Subscription subscription) {
      Subscription end = subscriptions[--size];
      subscriptions[subscription.index] = end;
      end.index = subscription.index;
      subscriptions[size] = null;
    }
  }

  /** A session, or what a session that has moved has left behind. */
  static final class Subscriber {
    final long session;

    /** How often it has moved, or tried to. */
    int move;

    /** Publications that were delivered and are not handled. */
    int waiting;

    /** How many may wait. */
    int limit = TopicLimits.WAITING;

    /** Whether its session has moved away. */
    boolean hasLeft;

    /** When it came from another worker, by the router's clock. */
    long arrivedMs = NEVER_MS;

    /** How often it had moved then. */
    int arrivedMove;

    /** Whether it has moved here and does not have all of its topics yet. */
    boolean catchesUp;

    /** Subscriptions whose losses could not be told yet. */
    final Deque<Subscription> untold = new ArrayDeque<>(0);

    private final Map<String, Subscription> subscriptions = new HashMap<>(4);

    Subscriber(long session) {
      this.session = session;
    }

    @Nullable Subscription subscription(String topic) {
      return subscriptions.get(topic);
    }

    Collection<Subscription> subscriptions() {
      return subscriptions.values();
    }
  }

  /** A topic of a subscriber. */
  static final class Subscription {
    final Subscriber subscriber;
    final Topic topic;
    Receiver receiver;

    /** What the session says about itself; empty if nothing. */
    String about = "";

    /** Publications that were lost and are not told yet; see {@link TopicOutput#UNKNOWN}. */
    long missed;

    /** What the session has got when it was frozen; of no meaning while it is not. */
    List<Mark> marks = List.of();

    /** Whether it may be missing something since it was frozen, as {@link Receiver#unsure} says. */
    boolean isUnsure;

    private int index;

    private Subscription(Subscriber subscriber, Topic topic, Receiver receiver) {
      this.subscriber = subscriber;
      this.topic = topic;
      this.receiver = receiver;
    }
  }

  /**
   * What a subscription has got of one publisher.
   *
   * @param n number of the last publication
   */
  record Mark(long publisher, long n) {}

  private final Map<String, Topic> byName = new HashMap<>();
  private final WalkableList<Topic> topics = new WalkableList<>();
  private final MemoryAccount memory;
  private int size;
  private int lastEpoch;
  private int interruptions;

  SubscriptionGraph(MemoryAccount memory) {
    this.memory = memory;
  }

  @Nullable Topic topic(String name) {
    return byName.get(name);
  }

  WalkableList<Topic> topics() {
    return topics;
  }

  int size() {
    return size;
  }

  /** What other machines have published may have been lost for all topics that there are. */
  void interrupted() {
    interruptions++;
  }

  /** Returns how often that has been so. */
  int interruptions() {
    return interruptions;
  }

  /** Returns why the subscriber may not have this topic. */
  Subscribed check(Subscriber subscriber, String topic) {
    if (subscriber.subscriptions.containsKey(topic)) {
      return Subscribed.ALREADY;
    }
    if (subscriber.subscriptions.size() == TopicLimits.SESSION_TOPICS) {
      return Subscribed.TOO_MANY_OF_SESSION;
    }
    if (size == TopicLimits.SUBSCRIPTIONS) {
      return Subscribed.TOO_MANY_OF_WORKER;
    }
    return memory.reserve(bytes(topic)) ? Subscribed.YES : Subscribed.NO_MEMORY;
  }

  /**
   * Sets what the session says about itself.
   *
   * @return false if there is no memory for it; it is as it was then
   */
  boolean about(Subscription subscription, String text) {
    long more = Character.BYTES * (long) text.length();
    if (more > 0 && !memory.reserve(more)) {
      return false;
    }
    memory.release(Character.BYTES * (long) subscription.about.length());
    subscription.about = text;
    return true;
  }

  private static long bytes(String topic) {
    return TOPIC_BYTES + SUBSCRIPTION_BYTES + topic.length() * (long) Character.BYTES;
  }

  /** Gives back what {@link #check} has booked. */
  void giveUp(String topic) {
    memory.release(bytes(topic));
  }

  /** Makes a topic, of which there is none of this name. */
  Topic create(String name, long hash) {
    Topic topic = new Topic(name, hash, ++lastEpoch);
    topic.interruption = interruptions;
    byName.put(name, topic);
    topics.add(topic);
    return topic;
  }

  /** Adds a subscription, as {@link #check} has allowed. */
  Subscription add(Subscriber subscriber, Topic topic, Receiver receiver) {
    Subscription subscription = new Subscription(subscriber, topic, receiver);
    subscriber.subscriptions.put(topic.name, subscription);
    topic.add(subscription);
    size++;
    return subscription;
  }

  /** Removes it, and its topic if it was the last of it: then that has the size 0. */
  void remove(Subscription subscription) {
    Topic topic = subscription.topic;
    subscription.subscriber.subscriptions.remove(topic.name);
    topic.remove(subscription);
    size--;
    memory.release(bytes(topic.name) + Character.BYTES * (long) subscription.about.length());
    if (topic.size == 0) {
      byName.remove(topic.name);
      topics.remove(topic);
      memory.release((long) topic.remote().size() * RemotePositions.BYTES);
    }
  }
}
