package io.baton.worker.topics;

import io.baton.mesh.MeshMessage;
import io.baton.mesh.MeshMessage.Forward;
import io.baton.mesh.MeshMessage.Gap;
import io.baton.mesh.MeshMessage.Has;
import io.baton.mesh.MeshMessage.Members;
import io.baton.mesh.MeshMessage.Passed;
import io.baton.mesh.MeshMessage.Publish;
import io.baton.mesh.MeshMessage.Unwant;
import io.baton.mesh.MeshMessage.Want;
import io.baton.mesh.MeshMessage.Who;
import io.baton.worker.memory.LimitedMemory;
import io.baton.worker.topics.SubscriptionGraph.Mark;
import io.baton.worker.topics.SubscriptionGraph.Subscriber;
import io.baton.worker.topics.SubscriptionGraph.Subscription;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A worker of the simulation: a router, the links to it, and what the manager has told it. */
final class SimulatedWorker implements TopicOutput {
  /** What the socket of a link holds: it arrives even if its sender dies. */
  static final int SOCKET = 3;

  /** Bytes of a table that no topic has been added to. */
  static final long EMPTY_TABLE = new InterestTable(new LimitedMemory()).bytes();

  /** What the manager tells a worker. */
  sealed interface Order {
    /** There is a link to another worker. */
    record Introduce(long worker) implements Order {}

    /** A session comes. */
    record Take(SimulatedSession session) implements Order {}
  }

  /** What a session has left behind, and what it had got then of its topics. */
  record Left(Subscriber subscriber, Map<String, SimulatedSession.Log> logs) {}

  /** A link from another worker; its end is told after what it holds. */
  static final class Link {
    final Deque<MeshMessage> messages = new ArrayDeque<>();
    boolean ended;

    /** Whether its sender has dropped what had not left it, and takes nothing until it says so. */
    boolean isOverfull;
  }

  final long id;
  final TopicRouter router;
  final Deque<Order> orders = new ArrayDeque<>();
  final Map<Long, Link> links = new LinkedHashMap<>();
  final Map<Long, SimulatedSession> sessions = new LinkedHashMap<>();

  /** What sessions have left behind here. */
  final Map<SimulatedSession, Left> left = new LinkedHashMap<>();

  /** Those that this worker waits for before it is ready. */
  final Set<Long> unsynced = new HashSet<>();

  /** Its questions for members. */
  final Set<Object> asked = new HashSet<>();

  final Set<Long> known = new HashSet<>();

  /** What comes from other machines. */
  final SimulatedBroker.Feed feed = new SimulatedBroker.Feed();

  long bornAt;
  boolean stopped;
  boolean leaving;

  /** Whether it has dropped what waited for another one, or its link to another one began anew. */
  boolean hasBegunAnew;

  final LimitedMemory memory = new LimitedMemory();

  private final Map<Long, SimulatedWorker> workers;
  private final int linkLimit;

  SimulatedWorker(
      long id,
      Map<Long, SimulatedWorker> workers,
      int linkLimit,
      long memoryLimit,
      Staleness staleness) {
    this.id = id;
    this.workers = workers;
    this.linkLimit = linkLimit;
    memory.limit = memoryLimit;
    router = new TopicRouter(id, id, 1, memory, this, staleness);
  }

  boolean isReady() {
    return unsynced.isEmpty();
  }

  SimulatedSession session(long session) {
    SimulatedSession found = sessions.get(session);
    if (found == null) {
      throw new AssertionError("worker " + id + " calls session " + session);
    }
    return found;
  }

  @Override
  public void deliver(long session, Publication publication) {
    session(session).deliver(this, publication);
  }

  @Override
  public void missed(long session, String topic, long count) {
    session(session).missed(this, topic, count);
  }

  @Override
  public SessionFacts facts(long session) {
    session(session);
    return new SessionFacts("", false);
  }

  @Override
  public void want(String topic, boolean wanted) {
    feed.want(topic, wanted);
  }

  @Override
  public boolean send(long neighbour, MeshMessage message) {
    SimulatedWorker to = workers.get(neighbour);
    Link link = to == null ? null : to.links.get(id);
    if (link == null) {
      return true; // dead, which this worker does not know yet
    }
    if (link.isOverfull) {
      return false;
    }
    Deque<MeshMessage> messages = link.messages;
    if (message instanceof Publish
        || message instanceof Forward
        || message instanceof Who
        || message instanceof Members) {
      if (messages.size() >= linkLimit) {
        return false;
      }
    } else {
      replace(messages, message);
    }
    messages.add(message);
    return true;
  }

  /** What has not left this worker for a neighbour is dropped. */
  void overfill(long neighbour) {
    SimulatedWorker to = workers.get(neighbour);
    Link link = to == null ? null : to.links.get(id);
    if (link != null) {
      hasBegunAnew = true;
      link.isOverfull = true;
      while (link.messages.size() > SOCKET) {
        link.messages.removeLast();
      }
    }
  }

  /**
   * Returns the neighbours to which links begin anew, because what was to say so has left.
   *
   * @param tells whether the neighbours are told
   */
  List<Long> beginAnew(boolean tells) {
    List<Long> all = new ArrayList<>();
    for (SimulatedWorker to : workers.values()) {
      Link link = to.links.get(id);
      if (link != null && link.isOverfull && link.messages.size() < SOCKET) {
        link.isOverfull = false;
        if (tells) {
          link.messages.add(new MeshMessage.Reset());
          all.add(to.id);
        }
      }
    }
    return all;
  }

  /** Removes what the message takes the place of, if it has not left the outbox yet. */
  private static void replace(Deque<MeshMessage> messages, MeshMessage by) {
    String kind = kind(by);
    if (kind == null || messages.size() <= SOCKET) {
      return;
    }
    int i = 0;
    for (Iterator<MeshMessage> all = messages.iterator(); all.hasNext(); i++) {
      if (kind.equals(kind(all.next())) && i >= SOCKET) {
        all.remove();
      }
    }
  }

  private static @Nullable String kind(MeshMessage message) {
    return switch (message) {
      case Want m -> "wish " + m.topic();
      case Unwant m -> "wish " + m.topic();
      case Has m -> "has " + m.topic();
      case Gap m -> "gap " + m.topic();
      case Passed m ->
          "passed %d %d %d %s".formatted(m.session(), m.move(), m.publisher(), m.topic());
      default -> null;
    };
  }

  /** Notes from which number on each session gets what is published. */
  void note() {
    for (SimulatedSession session : sessions.values()) {
      Subscriber subscriber = router.subscriber(session.id);
      if (subscriber != null) {
        note(session, subscriber);
      }
    }
    left.forEach((session, its) -> {
      for (Subscription each : its.subscriber.subscriptions()) {
        String topic = each.topic.name;
        if (session.logs.containsKey(topic) && session.logs.get(topic) == its.logs.get(topic)) {
          noteLeft(session, each);
        }
      }
    });
  }

  /** What begins where a session has been is due as long as its next worker waits to hear of it. */
  private static void noteLeft(SimulatedSession session, Subscription subscription) {
    SimulatedWorker at = session.at;
    Subscriber there = at == null ? null : at.router.subscriber(session.id);
    Subscription its = there == null ? null : there.subscription(subscription.topic.name);
    for (Mark mark : subscription.marks) {
      if (RemotePublications.isRemote(mark.publisher())) {
        session.beginsSomewhere(subscription.topic.name, mark.publisher());
      } else if (at == null
          || (its != null
              && its.receiver instanceof CatchUp catchUp
              && !catchUp.hasStarted(its, mark.publisher()))) {
        session.begins(subscription.topic.name, mark.publisher(), mark.n());
      }
    }
  }

  /** A session's former worker is about to say where a publisher begins that it waits for. */
  void noteBegun(MeshMessage.Begun begun) {
    SimulatedSession session = sessions.get(begun.session());
    Subscriber subscriber = router.subscriber(begun.session());
    Subscription its = subscriber == null ? null : subscriber.subscription(begun.topic());
    if (session != null
        && its != null
        && its.subscriber.move == begun.move()
        && !RemotePublications.isRemote(begun.publisher())
        && its.receiver instanceof CatchUp catchUp
        && (!catchUp.hasStarted(its, begun.publisher())
            || router.index(begun.publisher()) == Neighbours.GONE)) {
      session.begins(begun.topic(), begun.publisher(), begun.n());
    }
  }

  private void note(SimulatedSession session, Subscriber subscriber) {
    for (Subscription each : subscriber.subscriptions()) {
      if (each.receiver instanceof Tail) {
        noteMarks(session, each);
      } else {
        note(session, each);
      }
    }
  }

  private static void noteMarks(SimulatedSession session, Subscription subscription) {
    for (Mark mark : subscription.marks) {
      if (session.saved && RemotePublications.isRemote(mark.publisher())) {
        session.beginsSomewhere(subscription.topic.name, mark.publisher());
      } else {
        session.begins(subscription.topic.name, mark.publisher(), mark.n());
      }
    }
  }

  /** A session has left, and its next worker gets what is kept for it here. */
  void departed(SimulatedSession session) {
    Subscriber subscriber = router.subscriber(session.id);
    router.departed(session.id);
    sessions.remove(session.id);
    if (subscriber != null) {
      left.put(session, new Left(subscriber, Map.copyOf(session.logs)));
    }
  }

  private void note(SimulatedSession session, Subscription subscription) {
    RemotePositions remote = subscription.topic.remote();
    for (int i = 0; i < remote.size(); i++) {
      long worker = remote.worker(i);
      if (!(subscription.receiver instanceof CatchUp catchUp)) {
        session.begins(subscription.topic.name, worker, remote.last(worker));
      } else if (catchUp.position(subscription, worker) != SubscriptionGraph.NONE) {
        session.beginsAbout(
            subscription.topic.name, worker, catchUp.position(subscription, worker));
      }
    }
    begins(session, subscription, InterestTable.SELF, id);
    for (long worker : known) {
      begins(session, subscription, router.index(worker), worker);
    }
  }

  /** What a worker of another machine publishes may be the first that is due, and be lost here. */
  void noteFirst(long publisher, String topic, long before) {
    for (SimulatedSession session : sessions.values()) {
      Subscriber subscriber = session.saved ? null : router.subscriber(session.id);
      Subscription its = subscriber == null ? null : subscriber.subscription(topic);
      boolean isDirect =
          its != null
              && (its.receiver instanceof Deliveries
                  || (its.receiver instanceof CatchUp catchUp && catchUp.isSettled()));
      if (its != null && isDirect && its.topic.remote().last(publisher) == SubscriptionGraph.NONE) {
        session.begins(topic, publisher, before);
      }
    }
  }

  private static void begins(
      SimulatedSession session, Subscription subscription, int index, long worker) {
    long last = subscription.topic.last(index);
    boolean isKnown =
        !(subscription.receiver instanceof CatchUp catchUp)
            || catchUp.hasStarted(subscription, worker);
    if (last != SubscriptionGraph.NONE) {
      if (isKnown) {
        session.begins(subscription.topic.name, worker, last);
      } else {
        session.mayBegin(subscription.topic.name, worker, last);
      }
    }
  }
}
