package io.baton.worker.topics;

import io.baton.mesh.MeshMessage;
import io.baton.worker.memory.MemoryAccount;
import io.baton.worker.topics.SubscriptionGraph.Subscriber;
import io.baton.worker.topics.SubscriptionGraph.Subscription;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The topics of one worker: which sessions have subscribed what, who else wants what, and the way
 * of each publication to all of them. Makes no system call and reads no clock: it is told what
 * happens, and has a {@link TopicOutput} do what follows.
 *
 * <p>What is published is numbered, per publishing worker and topic. Each worker hears of every
 * neighbour the last number when it begins to want a topic, and from then on finds by the numbers
 * what it did not get. Nothing is stored, asked for again, or sent twice.
 *
 * <p>A session takes its topics along when it moves, see {@link SessionMoves}.
 *
 * <p>For one thread. What a neighbour says out of order changes nothing; calls out of order throw.
 */
public final class TopicRouter {
  private final TopicHash hash;
  private final TopicCounters counters = new TopicCounters();
  private final Neighbours neighbours;
  private final InterestTable table;
  private final SubscriptionGraph graph;
  private final LocalInterest interest;
  private final Deliveries deliveries;
  private final Publications publications;
  private final RemotePublications remote;
  private final RunningTime time = new RunningTime();
  private final LeftTails left;
  private final CatchUps catchUps;
  private final SessionMoves moves;
  private final MemberRecords records;
  private final MemberQuestions questions;
  private final NeighbourMessages messages;
  private final TopicCleanup former;
  private final Map<Long, Subscriber> subscribers = new HashMap<>();
  private long sweepAt = TopicLimits.NUMBERS_MS;

  /**
   * A router without sessions and neighbours, at the time 0.
   *
   * @param self number of this worker
   * @param key0 half of a secret that nobody else knows
   * @param key1 the other half
   */
  public TopicRouter(long self, long key0, long key1, MemoryAccount memory, TopicOutput output) {
    this(self, key0, key1, memory, output, new Staleness());
  }

  /** The same by other rules of what is too old. */
  TopicRouter(
      long self,
      long key0,
      long key1,
      MemoryAccount memory,
      TopicOutput output,
      Staleness staleness) {
    hash = new TopicHash(key0, key1);
    neighbours = new Neighbours(self);
    table = new InterestTable(memory);
    graph = new SubscriptionGraph(memory);
    interest = new LocalInterest(graph, table, hash, neighbours, output);
    deliveries = new Deliveries(output, counters);
    publications =
        new Publications(table, graph, hash, neighbours, memory, output, counters, staleness);
    remote = new RemotePublications(graph, memory, counters);
    left = new LeftTails(interest, output, time);
    catchUps = new CatchUps(neighbours, deliveries, output, counters, remote, time, staleness);
    moves = new SessionMoves(interest, neighbours, deliveries, output, counters, left, catchUps);
    records = new MemberRecords(graph, memory, output);
    questions = new MemberQuestions(records, neighbours, memory, output);
    messages =
        new NeighbourMessages(
            neighbours, hash, table, publications, left, catchUps, questions, memory);
    former =
        new TopicCleanup(
            graph.topics(),
            (topic, index) -> topic.last((int) index, SubscriptionGraph.NONE),
            index -> neighbours.free((int) index));
  }

  /** There are other machines, before the first session comes; {@link #remote} brings the rest. */
  public void cluster() {
    catchUps.cluster();
    questions.cluster();
  }

  /** What other machines publish comes here from now on, or does not come any more. */
  public void connected(boolean isUp) {
    catchUps.connected(isUp);
    questions.connected(isUp);
  }

  /** There is a worker of another machine, which is asked for members of topics. */
  public void appeared(long worker) {
    questions.appeared(worker);
  }

  /** It has ended, or is silent. */
  public void vanished(long worker) {
    questions.vanished(worker);
  }

  /** A worker of another machine has asked for members of topics, or answered. */
  public void heard(long from, MeshMessage message) {
    if (message instanceof MeshMessage.Who who) {
      questions.answer(from, who);
    } else if (message instanceof MeshMessage.Members members) {
      questions.answered(from, members);
    }
  }

  /** What workers of other machines have published. */
  public RemotePublications remote() {
    return remote;
  }

  /**
   * Says the time, ten times a second or so.
   *
   * @param ms milliseconds since the router was made
   */
  public void tick(long ms) {
    time.tick(ms);
    left.tick();
    catchUps.tick();
    records.tick(ms);
    questions.tick(ms);
    remote.tick(ms);
    former.goOn();
    interest.tick();
    if (ms >= sweepAt) {
      sweepAt = ms + TopicLimits.NUMBERS_MS;
      table.begin((ms / TopicLimits.NUMBERS_MS) << MeshMessage.RUN_BITS);
      table.sweep();
      publications.refusing().forEach(interest::askAgain);
    }
  }

  /**
   * Subscribes a topic for a session, which gets all that is published from now on here, and in
   * each other worker from when that has heard of it.
   *
   * @param about what it says about itself to whoever asks for the topic's members, instead of what
   *     it has said before; null: what it has said before
   * @throws IllegalArgumentException if the topic is empty or too long
   */
  public Subscribed subscribe(long session, String topic, @Nullable String about) {
    checkTopic(topic);
    Subscriber subscriber = subscribers.computeIfAbsent(session, Subscriber::new);
    Subscribed answer = interest.add(subscriber, topic, moves.receiver(session));
    Subscription subscription = subscriber.subscription(topic);
    if (answer == Subscribed.YES && subscription != null) {
      moves.added(subscription);
      records.begins(session, topic);
    }
    boolean isKept = about == null || subscription == null || graph.about(subscription, about);
    return isKept ? answer : Subscribed.NO_MEMORY;
  }

  private static void checkTopic(String topic) {
    if (topic.isEmpty()) {
      throw new IllegalArgumentException("an empty topic");
    }
    if (topic.length() * 3 > MeshMessage.MAX_TOPIC_BYTES) {
      int bytes = topic.getBytes(StandardCharsets.UTF_8).length;
      if (bytes > MeshMessage.MAX_TOPIC_BYTES) {
        throw new IllegalArgumentException(
            "a topic of %d bytes; at most %d are allowed"
                .formatted(bytes, MeshMessage.MAX_TOPIC_BYTES));
      }
    }
  }

  /**
   * Ends a session's subscription; what is on its way to the session's service arrives all the
   * same.
   *
   * @return whether there was one
   */
  public boolean unsubscribe(long session, String topic) {
    Subscriber subscriber = subscribers.get(session);
    Subscription subscription = subscriber == null ? null : subscriber.subscription(topic);
    if (subscription == null) {
      return false;
    }
    remove(subscription);
    return true;
  }

  private void remove(Subscription subscription) {
    records.ending(subscription);
    moves.removed(subscription);
    Deliveries.forget(subscription);
    interest.remove(subscription);
  }

  /** The session has ended here, and goes on nowhere. */
  public void closed(long session) {
    Subscriber subscriber = subscribers.remove(session);
    if (subscriber != null) {
      List.copyOf(subscriber.subscriptions()).forEach(this::remove);
      moves.closed(session);
    }
  }

  /**
   * Publishes a message.
   *
   * @param message is not changed afterwards
   * @return false if it is known already that somebody will not get it
   * @throws IllegalArgumentException if the topic or the message is too long
   */
  public boolean publish(String topic, byte[] message) {
    checkTopic(topic);
    if (message.length > MeshMessage.MAX_MESSAGE_BYTES) {
      throw new IllegalArgumentException(
          "a message of %d bytes; at most %d are allowed"
              .formatted(message.length, MeshMessage.MAX_MESSAGE_BYTES));
    }
    return publications.publish(topic, message);
  }

  /** Whether anybody wants a topic, as far as this worker knows. */
  public boolean isWanted(String topic) {
    int entry = table.find(hash.of(topic));
    for (int word = 0; entry >= 0 && word < table.words(); word++) {
      if (table.wanting(entry, word) != 0) {
        return true;
      }
    }
    return false;
  }

  /**
   * Asks for the members of a topic in all workers, those of other machines included.
   *
   * @param answer is called once, with what there is after {@link TopicLimits#ANSWER_MS}, or later
   *     if the topic is being asked for already, or was just now, see {@link MemberQuestions}
   */
  public void present(String topic, Consumer<PresentMembers> answer) {
    questions.ask(topic, answer);
  }

  /** A session's service has handled a publication that was delivered to it. */
  public void handled(long session, Publication publication) {
    Subscriber subscriber = subscribers.get(session);
    if (subscriber == null) {
      publication.release();
    } else {
      deliveries.handled(subscriber, publication);
    }
  }

  /** A session's service has handled the news of a loss. */
  public void handledMissed(long session) {
    Subscriber subscriber = subscribers.get(session);
    if (subscriber != null) {
      deliveries.handled(subscriber, null);
    }
  }

  /** There is a link to another worker, which may be younger or older than this one. */
  public void introduced(long neighbour) {
    while (neighbours.isFull() && former.isBusy()) {
      former.goOn();
    }
    neighbours.add(neighbour);
    catchUps.introduced(neighbour);
    interest.introduce(neighbour);
  }

  /** The link to a neighbour has room again. */
  public void writable(long neighbour) {
    interest.goOn(neighbour);
  }

  /**
   * The link to a neighbour begins anew. The neighbour lives, and its numbers go on: the next
   * {@link MeshMessage.Has} of each topic tells what is lost, and what it forwards is claimed once
   * more.
   */
  public void reset(long neighbour) {
    table.unwantAll(neighbours.known(neighbour));
    left.unclaim(neighbour);
    catchUps.claimAgain(neighbour);
    questions.died(neighbour);
    interest.introduce(neighbour);
  }

  /**
   * There is no link to a neighbour, or not any more, although it may live: sessions here get
   * nothing of it, and those that did are told so.
   */
  public void severed(long neighbour) {
    neighbours.noteSevered(neighbour);
    if (neighbours.index(neighbour) != Neighbours.GONE) {
      publications.severed(neighbours.known(neighbour));
      forget(neighbour);
    }
  }

  /** A neighbour has died, and all that it had sent has been received. */
  public void died(long neighbour) {
    forget(neighbour);
    neighbours.noteDead(neighbour);
  }

  private void forget(long neighbour) {
    moves.dying(neighbour);
    int index = neighbours.remove(neighbour);
    interest.forget(neighbour);
    table.unwantAll(index);
    former.add(index);
    catchUps.died(neighbour);
    questions.died(neighbour);
  }

  /** A neighbour has said something. */
  public void received(long from, MeshMessage message) {
    messages.received(from, message);
  }

  /**
   * A session is to move soon: from now on nothing is delivered to it. If it has not got all since
   * its last move, it gets now what there is, and is told what is missing.
   */
  public void freeze(long session) {
    Subscriber subscriber = subscribers.get(session);
    if (subscriber != null) {
      moves.freeze(subscriber);
    }
  }

  /** A session that was frozen or saved does not move, and gets what was kept for it. */
  public void thaw(long session) {
    Subscriber subscriber = subscribers.get(session);
    if (subscriber != null) {
      moves.thaw(subscriber);
    }
  }

  /**
   * Returns what goes along with a session that has handled all that was delivered to it.
   *
   * @return null if it never had a topic
   */
  public @Nullable TopicPositions save(long session) {
    Subscriber subscriber = subscribers.get(session);
    return subscriber == null ? null : moves.save(subscriber);
  }

  /** A session that was saved has left. */
  public void departed(long session) {
    Subscriber subscriber = subscribers.remove(session);
    if (subscriber != null) {
      records.departed(subscriber.subscriptions());
      moves.departed(subscriber);
    }
  }

  /**
   * A session that was saved goes on at another machine, where it subscribes its topics anew. It is
   * named as a member here until it can be there.
   */
  public void given(long session) {
    Subscriber subscriber = subscribers.get(session);
    if (subscriber != null) {
      List<Subscription> its = List.copyOf(subscriber.subscriptions());
      closed(session);
      records.departed(its);
    }
  }

  /**
   * A session that was saved elsewhere goes on here; not before it is certain that it does.
   *
   * @return how many of its topics were not subscribed because this worker has too many
   */
  public int resumed(long session, TopicPositions positions) {
    Subscriber subscriber = new Subscriber(session);
    if (subscribers.putIfAbsent(session, subscriber) != null) {
      throw new IllegalStateException("session " + session + " comes although it is here");
    }
    records.arrived(subscriber, positions.move());
    return moves.resumed(subscriber, positions);
  }

  /**
   * A session of another machine goes on here, and subscribes its topics anew.
   *
   * @param move how often it has been frozen so far: what is said about it here counts for more
   *     than what is said there
   */
  public void arrived(long session, int move) {
    Subscriber subscriber = subscribers.computeIfAbsent(session, Subscriber::new);
    subscriber.move = move;
    records.arrived(subscriber, move);
  }

  /** Whether a session should not move yet, because it still gets what it has missed by moving. */
  public boolean catchesUp(long session) {
    return catchUps.catchesUp(session);
  }

  /** Whether sessions that have left here may still need this worker; for ten seconds at most. */
  public boolean owes() {
    return !left.isEmpty();
  }

  public TopicCounters counters() {
    return counters;
  }

  /** Returns how many topics somebody wants, this worker included. */
  public int topics() {
    return table.size();
  }

  public int subscriptions() {
    return graph.size();
  }

  /** Returns the bytes of the table of all topics that somebody wants. */
  long tableBytes() {
    return table.bytes();
  }

  /** Returns the last number that was given for a topic. */
  long lastNumber(String topic) {
    int entry = table.find(hash.of(topic));
    return entry < 0 ? InterestTable.NONE : table.number(entry);
  }

  boolean hasSubscribed(long session, String topic) {
    Subscriber subscriber = subscribers.get(session);
    return subscriber != null && subscriber.subscription(topic) != null;
  }

  /** Returns the small number of another worker. */
  int index(long worker) {
    return neighbours.index(worker);
  }

  @Nullable Subscriber subscriber(long session) {
    return subscribers.get(session);
  }
}
