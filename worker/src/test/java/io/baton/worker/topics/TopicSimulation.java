package io.baton.worker.topics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.baton.mesh.MeshMessage;
import io.baton.worker.topics.SimulatedSession.Log;
import io.baton.worker.topics.SimulatedSession.Track;
import io.baton.worker.topics.SimulatedWorker.Link;
import io.baton.worker.topics.SimulatedWorker.Order;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Some workers, their sessions and topics, as a seed decides it: sessions subscribe, publish and
 * move; messages between workers arrive at any time, in their order; workers are born, stop, leave
 * and die at every step. No session may get anything twice or out of order, and at the end what
 * each has got and what it was told to have missed is all that was published.
 */
final class TopicSimulation {
  private static final int SESSIONS = 7;
  private static final int MOST_WORKERS = 5;
  private static final int MANY_CALLS = 100;

  /** From here on, a worker may find a claim too late by its own clock. */
  private static final long UNCLAIMED_MS = TopicLimits.CLAIM_MS - TopicLimits.MAX_STEP_MS;

  /** The same of what is forwarded. */
  private static final long LATE_MS = TopicLimits.CATCH_UP_MS - TopicLimits.MAX_STEP_MS;

  private static final byte[] MESSAGE = new byte[10];
  private static final List<String> TOPICS = List.of("a", "b", "c");

  /** How rough life is. */
  enum Mode {
    /** Nothing is lost. */
    CALM,
    /** Links are full now and then, or begin anew, workers stop for a while, services are slow. */
    SLOW,
    /** Workers die, with all that they have said on its way. */
    DEATHS,
    /** All of it, and what has not left a worker dies with it. */
    ROUGH
  }

  private final Random random;
  private final Mode mode;
  private final int steps;
  private final Staleness staleness;
  private final Map<Long, SimulatedWorker> workers = new LinkedHashMap<>();
  private final Map<Long, SimulatedSession> sessions = new LinkedHashMap<>();
  private final Deque<SimulatedSession> onTheWay = new ArrayDeque<>();

  /** Whether a worker that has dropped what waited for another one says so. */
  boolean tellsResets = true;

  /** Publications of a worker and topic whose numbers are consecutive. */
  private record Run(long publisher, String topic, long run) {}

  /** The last numbers that were given. */
  private final Map<Run, Long> lastNumbers = new HashMap<>();

  /** Those that ended before all that they had said had left them. */
  private final Set<Long> cutOff = new HashSet<>();

  private final Map<String, Integer> happened;
  private final SimulatedQuestions questions;
  private final int linkLimit;
  private final long memoryLimit;

  /** With workers of other machines; null: there are none. */
  private final @Nullable SimulatedBroker broker;

  /** Whether a session that moves waits for what comes from other machines. */
  private final boolean settles;

  private long lastWorker;
  private long lastSession;
  private long published;
  private long nowMs;

  /**
   * @param happened counts what happens
   */
  TopicSimulation(
      long seed, Mode mode, int steps, Staleness staleness, Map<String, Integer> happened) {
    this(seed, mode, steps, staleness, happened, false, false);
  }

  /**
   * The same.
   *
   * @param hasMachines whether there are other machines, and a broker, which is bad unless life is
   *     calm or nothing but workers is at fault
   * @param settles whether workers know of them
   */
  TopicSimulation(
      long seed,
      Mode mode,
      int steps,
      Staleness staleness,
      Map<String, Integer> happened,
      boolean hasMachines,
      boolean settles) {
    this.random = new Random(seed);
    this.settles = settles;
    this.broker = hasMachines ? new SimulatedBroker(random, mode != Mode.CALM, workers) : null;
    this.mode = mode;
    this.steps = steps;
    this.staleness = staleness;
    this.happened = happened;
    questions = new SimulatedQuestions(mode == Mode.CALM, happened);
    boolean isCalm = mode == Mode.CALM || mode == Mode.DEATHS;
    linkLimit = isCalm ? Integer.MAX_VALUE : 4 + random.nextInt(30);
    memoryLimit = isCalm || random.nextBoolean() ? Long.MAX_VALUE : 12_000 + random.nextInt(9_000);
  }

  /** Runs it to its end. */
  void run() {
    int first = 2 + random.nextInt(3);
    for (int i = 0; i < first; i++) {
      spawn();
    }
    for (int i = 0; i < steps; i++) {
      step();
    }
    settle();
    check();
    end();
  }

  private void note(String what) {
    happened.merge(what, 1, Integer::sum);
  }

  private void step() {
    if (broker != null && random.nextInt(4) == 0) {
      stepOfBroker(broker);
      return;
    }
    int dice = random.nextInt(1_000);
    SimulatedWorker worker = any();
    beginAnew(worker);
    if (dice < 450) {
      receive(worker, 1 + random.nextInt(6));
    } else if (dice < 640) {
      publish(worker);
    } else if (dice < 650) {
      ask(worker);
    } else if (dice < 760) {
      serve(1 + random.nextInt(12));
    } else if (dice < 820) {
      changeTopics();
    } else if (dice < 920) {
      move();
    } else if (dice < 970) {
      obey(worker);
    } else if (dice < 990) {
      pass(mode == Mode.CALM ? 0 : random.nextInt(random.nextInt(10) == 0 ? 3_000 : 150));
    } else {
      disturb(worker);
    }
  }

  private void beginAnew(SimulatedWorker worker) {
    if (!worker.stopped) {
      worker.beginAnew(tellsResets).forEach(each -> reset(worker, each));
    }
  }

  /** A worker has told another one that their link begins anew, or is told so. */
  private void reset(SimulatedWorker worker, long neighbour) {
    worker.hasBegunAnew = true;
    for (SimulatedSession each : worker.sessions.values()) {
      each.alone |= worker.router.catchesUp(each.id);
    }
    worker.router.reset(neighbour);
    worker.note();
  }

  private void stepOfBroker(SimulatedBroker its) {
    int dice = random.nextInt(100);
    SimulatedWorker worker = any();
    if (dice < 35) {
      boolean isEnough =
          mode == Mode.CALM && sessions.values().stream().anyMatch(this::hasMissedEnough);
      if (!isEnough) {
        published++;
        its.publish(TOPICS.get(random.nextInt(TOPICS.size())));
      }
    } else if (dice < 92) {
      bring(its, worker, 1 + random.nextInt(6));
    } else if (dice < 98 && mode == Mode.CALM) {
      rest(its);
    } else if (dice < 99 && mode != Mode.CALM && !worker.stopped) {
      note("interrupted");
      its.interrupt(worker);
      worker.note();
    }
  }

  private void bring(SimulatedBroker its, SimulatedWorker to, int most) {
    if (!to.stopped) {
      its.bring(to, most);
      serveTheBusy(to);
    }
  }

  /** All that is on its way arrives, and then a quarter of a second passes, if nobody is away. */
  private void rest(SimulatedBroker its) {
    if (!onTheWay.isEmpty()
        || workers.values().stream()
            .anyMatch(each -> each.orders.stream().anyMatch(o -> o instanceof Order.Take))) {
      return;
    }
    for (SimulatedWorker each : workers.values()) {
      bring(its, each, Integer.MAX_VALUE);
    }
    for (int i = 0; i < 3; i++) {
      for (SimulatedWorker each : workers.values()) {
        for (long from : List.copyOf(each.links.keySet())) {
          receiveAll(each, from);
        }
      }
    }
    if (workers.values().stream()
        .allMatch(each -> each.links.values().stream().allMatch(l -> l.messages.isEmpty()))) {
      note("rest");
      nowMs += TopicLimits.SETTLE_MS;
      workers.values().forEach(this::tick);
    }
  }

  private void receiveAll(SimulatedWorker worker, long from) {
    Link link = worker.links.get(from);
    while (link != null && worker.known.contains(from) && !link.messages.isEmpty()) {
      receive(worker, from, link.messages.remove());
    }
  }

  private SimulatedWorker any() {
    List<SimulatedWorker> all = List.copyOf(workers.values());
    return all.get(random.nextInt(all.size()));
  }

  private void spawn() {
    SimulatedWorker worker =
        new SimulatedWorker(++lastWorker, workers, linkLimit, memoryLimit, staleness);
    for (SimulatedWorker other : workers.values()) {
      worker.links.put(other.id, new Link());
      other.links.put(worker.id, new Link());
      worker.orders.add(new Order.Introduce(other.id));
      worker.unsynced.add(other.id);
      other.orders.add(new Order.Introduce(worker.id));
    }
    worker.bornAt = nowMs;
    if (settles) {
      worker.router.cluster();
      worker.router.connected(true);
    }
    workers.put(worker.id, worker);
    note("spawn");
  }

  private void obey(SimulatedWorker worker) {
    Order order = worker.stopped ? null : worker.orders.poll();
    if (order instanceof Order.Introduce introduce) {
      worker.known.add(introduce.worker());
      worker.router.introduced(introduce.worker());
    } else if (order instanceof Order.Take take) {
      arrive(worker, take.session());
    }
    worker.note();
  }

  private void arrive(SimulatedWorker worker, SimulatedSession session) {
    TopicPositions positions = session.positions;
    session.at = worker;
    session.saved = false;
    session.frozen = false;
    session.positions = null;
    session.resumedAt = nowMs;
    worker.sessions.put(session.id, session);
    if (positions != null) {
      note(positions.from() == worker.id ? "came back" : "moved");
      session.alone |= nowMs - session.departedAt >= UNCLAIMED_MS;
      session.alone |= positions.from() != worker.id && !worker.known.contains(positions.from());
      TopicPositions read = TopicPositions.decode(positions.encode());
      assertThat(read.encode()).isEqualTo(positions.encode());
      int refused = worker.router.resumed(session.id, read);
      forgetUnsubscribed(worker, session, refused);
    }
  }

  private void forgetUnsubscribed(SimulatedWorker worker, SimulatedSession session, int refused) {
    int before = session.logs.size();
    session.logs.keySet().removeIf(each -> !worker.router.hasSubscribed(session.id, each));
    assertThat(before - session.logs.size()).isEqualTo(refused);
  }

  private void receive(SimulatedWorker worker, int most) {
    if (worker.stopped || worker.links.isEmpty()) {
      return;
    }
    List<Long> from = new ArrayList<>(worker.links.keySet());
    long neighbour = from.get(random.nextInt(from.size()));
    Link link = worker.links.get(neighbour);
    if (link == null || !worker.known.contains(neighbour)) {
      return;
    }
    for (int i = 0; i < most && !link.messages.isEmpty(); i++) {
      receive(worker, neighbour, link.messages.remove());
    }
    if (link.messages.isEmpty() && link.ended) {
      worker.links.remove(neighbour);
      worker.known.remove(neighbour);
      worker.unsynced.remove(neighbour);
      for (SimulatedSession each : worker.sessions.values()) {
        each.alone |= worker.router.catchesUp(each.id);
      }
      worker.router.died(neighbour);
      worker.note();
    }
  }

  private void receive(SimulatedWorker worker, long neighbour, MeshMessage message) {
    if (message instanceof MeshMessage.Synced) {
      worker.unsynced.remove(neighbour);
    } else if (message instanceof MeshMessage.TailDone done) {
      SimulatedSession session = sessions.get(done.session());
      if (session != null && session.at == worker) {
        session.alone |= worker.router.catchesUp(session.id);
      }
    } else if (message instanceof MeshMessage.Begun begun) {
      worker.noteBegun(begun);
    }
    note(message.getClass().getSimpleName());
    if (message instanceof MeshMessage.Reset) {
      reset(worker, neighbour);
    } else {
      worker.router.received(neighbour, message);
    }
    worker.note();
    serveTheBusy(worker);
  }

  private void publish(SimulatedWorker worker) {
    if (worker.stopped || !worker.isReady()) {
      return;
    }
    if (mode == Mode.CALM && sessions.values().stream().anyMatch(this::hasMissedEnough)) {
      return;
    }
    published++;
    String topic = TOPICS.get(random.nextInt(TOPICS.size()));
    worker.router.publish(topic, MESSAGE);
    long n = worker.router.lastNumber(topic);
    lastNumbers.put(new Run(worker.id, topic, n >> MeshMessage.RUN_BITS), n);
    serveTheBusy(worker);
  }

  private void ask(SimulatedWorker worker) {
    if (!worker.stopped && worker.isReady()) {
      questions.ask(worker, TOPICS.get(random.nextInt(TOPICS.size())), sessions.values());
    }
  }

  /** So much has been published since it was frozen that more might not be kept for it. */
  private boolean hasMissedEnough(SimulatedSession session) {
    SimulatedWorker at = session.at;
    boolean moves = at == null || session.frozen || at.router.catchesUp(session.id);
    return moves && published - session.frozenAt > TopicLimits.KEPT / 2;
  }

  /** In a calm life no service is slow. */
  private void serveTheBusy(SimulatedWorker worker) {
    if (mode == Mode.CALM) {
      for (SimulatedSession each : worker.sessions.values()) {
        if (each.lane.size() > MANY_CALLS) {
          serve(each, MANY_CALLS);
        }
      }
    }
  }

  private void serve(int most) {
    if (sessions.isEmpty()) {
      return;
    }
    serve(anySession(), most);
  }

  private void serve(SimulatedSession session, int most) {
    SimulatedWorker worker = session.at;
    if (worker == null || worker.stopped) {
      return;
    }
    for (int i = 0; i < most && !session.lane.isEmpty(); i++) {
      Publication publication = session.lane.remove().publication();
      if (publication == null) {
        note("missed");
        worker.router.handledMissed(session.id);
      } else {
        note("delivered");
        worker.router.handled(session.id, publication);
      }
    }
  }

  private SimulatedSession anySession() {
    List<SimulatedSession> all = List.copyOf(sessions.values());
    return all.get(random.nextInt(all.size()));
  }

  private void changeTopics() {
    if (sessions.size() < SESSIONS) {
      SimulatedWorker worker = any();
      if (!worker.stopped && !worker.leaving && worker.isReady()) {
        SimulatedSession session = new SimulatedSession(++lastSession);
        sessions.put(session.id, session);
        arrive(worker, session);
      }
      return;
    }
    SimulatedSession session = anySession();
    SimulatedWorker worker = session.at;
    if (worker == null || worker.stopped || session.saved) {
      return;
    }
    String topic = TOPICS.get(random.nextInt(TOPICS.size()));
    if (random.nextInt(60) == 0) {
      close(session);
    } else if (session.logs.containsKey(topic)) {
      assertThat(worker.router.subscribe(session.id, topic, null)).isEqualTo(Subscribed.ALREADY);
      if (random.nextInt(3) == 0) {
        assertThat(worker.router.unsubscribe(session.id, topic)).isTrue();
        session.logs.remove(topic);
        questions.unsubscribed(session, topic);
      }
    } else if (worker.router.subscribe(session.id, topic, null) == Subscribed.YES) {
      Log log = new Log();
      log.due = broker == null ? Map.of() : broker.now(topic);
      session.logs.put(topic, log);
      questions.subscribed(session, topic);
    }
    worker.note();
  }

  private void close(SimulatedSession session) {
    SimulatedWorker worker = session.at;
    sessions.remove(session.id);
    workers.values().forEach(each -> each.left.remove(session));
    questions.ended(session);
    if (worker != null) {
      worker.router.closed(session.id);
      worker.sessions.remove(session.id);
      session.lane.forEach(each -> {
        Publication publication = each.publication();
        if (publication != null) {
          worker.router.handled(session.id, publication);
        }
      });
    }
  }

  private void move() {
    if (!onTheWay.isEmpty() && random.nextInt(3) == 0) {
      SimulatedWorker worker = any();
      if (worker.isReady() && !worker.leaving) {
        worker.orders.add(new Order.Take(onTheWay.remove()));
      }
      return;
    }
    if (sessions.isEmpty()) {
      return;
    }
    SimulatedSession session = anySession();
    SimulatedWorker worker = session.at;
    if (worker == null || worker.stopped) {
      return;
    }
    if (!session.frozen) {
      boolean catchesUp = worker.router.catchesUp(session.id);
      if (!catchesUp || (mode != Mode.CALM && random.nextInt(20) == 0)) {
        session.alone |= catchesUp;
        freeze(worker, session);
      }
    } else if (random.nextInt(8) == 0) {
      note("thawed");
      thaw(session);
    } else if (!session.saved) {
      serve(session, Integer.MAX_VALUE);
      if (session.lane.isEmpty()) {
        session.positions = worker.router.save(session.id);
        session.saved = true;
      }
    } else {
      depart(session);
    }
    worker.note();
  }

  private void freeze(SimulatedWorker worker, SimulatedSession session) {
    session.frozen = true;
    session.frozenAt = published;
    worker.router.freeze(session.id);
  }

  private void thaw(SimulatedSession session) {
    SimulatedWorker worker = session.at;
    session.frozen = false;
    session.saved = false;
    session.positions = null;
    if (worker != null) {
      worker.router.thaw(session.id);
      worker.note();
    }
  }

  private void depart(SimulatedSession session) {
    SimulatedWorker worker = session.at;
    if (worker != null) {
      worker.departed(session);
      session.departedAt = nowMs;
      session.at = null;
      onTheWay.add(session);
    }
  }

  /** Time passes; in a calm life, only while nobody moves. */
  private void pass(long ms) {
    nowMs += ms;
    if (mode == Mode.CALM && onTheWay.isEmpty() && nobodyMoves()) {
      nowMs += random.nextInt(20_000);
    }
    for (SimulatedWorker each : workers.values()) {
      if (!each.stopped) {
        tick(each);
      }
    }
  }

  private boolean nobodyMoves() {
    for (SimulatedWorker worker : workers.values()) {
      if (worker.router.owes() || worker.orders.stream().anyMatch(o -> o instanceof Order.Take)) {
        return false;
      }
      for (SimulatedSession session : worker.sessions.values()) {
        if (session.frozen || worker.router.catchesUp(session.id)) {
          return false;
        }
      }
    }
    return true;
  }

  private void tick(SimulatedWorker worker) {
    for (SimulatedSession each : worker.sessions.values()) {
      if (worker.router.catchesUp(each.id) && nowMs - each.resumedAt >= LATE_MS) {
        note("too late");
        each.alone = true;
      }
    }
    worker.router.tick(nowMs - worker.bornAt);
    worker.note();
  }

  private void disturb(SimulatedWorker worker) {
    int dice = random.nextInt(12);
    if (dice < 2 && workers.size() < MOST_WORKERS) {
      spawn();
    } else if (dice < 4 && mode != Mode.CALM) {
      worker.stopped = !worker.stopped && random.nextInt(3) == 0;
    } else if (dice < 6 && workers.size() > 2) {
      worker.leaving = true;
    } else if (dice < 8 && worker.leaving && !worker.stopped) {
      leave(worker);
    } else if (dice < 9 && workers.size() > 2 && (mode == Mode.DEATHS || mode == Mode.ROUGH)) {
      note("death");
      die(worker);
    } else if (dice >= 9 && isRough() && !worker.known.isEmpty() && !worker.stopped) {
      List<Long> all = List.copyOf(worker.known);
      worker.overfill(all.get(random.nextInt(all.size())));
    }
  }

  private boolean isRough() {
    return mode == Mode.SLOW || mode == Mode.ROUGH;
  }

  /** A worker that leaves gives away all that it has, and then ends. */
  private void leave(SimulatedWorker worker) {
    if (workers.size() > 2
        && worker.sessions.isEmpty()
        && !worker.router.owes()
        && worker.orders.isEmpty()) {
      note("left");
      end(worker);
    } else {
      worker.sessions.values().stream()
          .filter(each -> !each.frozen && !worker.router.catchesUp(each.id))
          .findFirst()
          .ifPresent(each -> freeze(worker, each));
    }
  }

  private void die(SimulatedWorker worker) {
    if (mode == Mode.ROUGH) {
      for (SimulatedWorker each : workers.values()) {
        Link link = each.links.get(worker.id);
        while (link != null && link.messages.size() > SimulatedWorker.SOCKET) {
          link.messages.removeLast();
          cutOff.add(worker.id);
        }
      }
    }
    for (Order order : worker.orders) {
      if (order instanceof Order.Take take) {
        onTheWay.add(take.session());
      }
    }
    worker
        .sessions
        .values()
        .forEach(each -> {
          sessions.remove(each.id);
          questions.ended(each);
        });
    end(worker);
  }

  private void end(SimulatedWorker worker) {
    workers.remove(worker.id);
    questions.ended(worker);
    if (worker.hasBegunAnew) {
      cutOff.add(worker.id); // it was perhaps not wanted anew yet
    }
    for (SimulatedWorker each : workers.values()) {
      Link link = each.links.get(worker.id);
      if (link != null) {
        link.ended = true;
      }
    }
  }

  /** Lets everything come to rest. */
  private void settle() {
    workers
        .values()
        .forEach(each -> {
          each.stopped = false;
          each.leaving = false;
        });
    for (SimulatedSession each : sessions.values()) {
      if (each.frozen && each.at != null) {
        thaw(each);
      }
    }
    for (int round = 0; round < 60; round++) {
      while (!onTheWay.isEmpty()) {
        any().orders.add(new Order.Take(onTheWay.remove()));
      }
      for (SimulatedWorker worker : workers.values()) {
        while (!worker.orders.isEmpty()) {
          obey(worker);
        }
        beginAnew(worker);
        for (int i = 0; i < 3 * MOST_WORKERS; i++) {
          receive(worker, Integer.MAX_VALUE);
        }
      }
      if (broker != null) {
        bringAll(broker, round);
      }
      sessions.values().forEach(each -> serve(each, Integer.MAX_VALUE));
      pass(mode == Mode.CALM ? 0 : 200); // in all, more than anybody waits
    }
  }

  /** All that is on its way arrives, and after it the last numbers. */
  private void bringAll(SimulatedBroker its, int round) {
    for (SimulatedWorker each : workers.values()) {
      if (round == 20) {
        its.repeat(each);
      }
      bring(its, each, Integer.MAX_VALUE);
    }
    if (mode == Mode.CALM) {
      rest(its);
    }
  }

  private void check() {
    for (SimulatedSession session : sessions.values()) {
      SimulatedWorker worker = session.at;
      if (worker == null) {
        fail("session %d is nowhere", session.id);
        return;
      }
      assertThat(worker.router.catchesUp(session.id)).as("session %d", session.id).isFalse();
      session.logs.forEach((topic, log) -> check(session, topic, log));
    }
    workers.values().forEach(each -> assertThat(each.router.owes()).isFalse());
  }

  private void check(SimulatedSession session, String topic, Log log) {
    if (broker != null && mode == Mode.CALM) {
      checkCalm(broker, session, topic, log);
    }
    for (long worker : workers.keySet()) {
      assertThat(log.tracks).as("session %d of %s", session.id, topic).containsKey(worker);
    }
    if (mode == Mode.CALM) {
      assertThat(log.missed).as("missed by session %d of %s", session.id, topic).isZero();
      assertThat(log.unknown).isFalse();
    }
    if (log.unknown) {
      note("unknown");
      return;
    }
    if (log.isVague && mode != Mode.CALM) {
      note("vague");
      return;
    }
    long least = 0;
    long most = 0;
    for (Map.Entry<Long, Track> each : log.tracks.entrySet()) {
      Track track = each.getValue();
      long publisher = each.getKey();
      long last = last(publisher, topic, track.last);
      boolean isExact =
          workers.containsKey(publisher)
              || RemotePublications.isRemote(publisher)
              || (!cutOff.contains(publisher) && !session.alone);
      least += (isExact ? last : track.last) - track.start - track.received;
      most += last - track.start - track.received;
    }
    for (Map.Entry<Long, Long> each : log.perhaps.entrySet()) {
      if (!log.tracks.containsKey(each.getKey())) {
        most += last(each.getKey(), topic, each.getValue()) - each.getValue();
      }
    }
    note(least == most ? "exact" : "about");
    assertThat(log.missed)
        .as("missed by session %d of %s: %s", session.id, topic, describe(topic, log))
        .isBetween(least, most);
  }

  /** All that was published elsewhere after the session had subscribed has come. */
  private static void checkCalm(
      SimulatedBroker its, SimulatedSession session, String topic, Log log) {
    for (long publisher : its.publishers()) {
      long due = log.due.getOrDefault(publisher, Long.MAX_VALUE);
      long last = its.last(publisher, topic);
      Track track = log.tracks.get(publisher);
      if (last > due) {
        assertThat(track).as("session %d of %s by another machine", session.id, topic).isNotNull();
      }
      if (track != null && last > due) {
        assertThat(track.start)
            .as("session %d of %s by another machine begins", session.id, topic)
            .isLessThanOrEqualTo(due);
        assertThat(track.last).isEqualTo(last);
        assertThat(track.received).isEqualTo(last - track.start);
      }
    }
  }

  /** Returns the number of the last publication of those that a session may have got. */
  private long last(long publisher, String topic, long least) {
    if (broker != null && RemotePublications.isRemote(publisher)) {
      return broker.last(publisher, topic);
    }
    Run run = new Run(publisher, topic, least >> MeshMessage.RUN_BITS);
    return Math.max(least, lastNumbers.getOrDefault(run, 0L));
  }

  private String describe(String topic, Log log) {
    Map<Long, String> all = new TreeMap<>();
    log.tracks.forEach((publisher, track) ->
        all.put(
            publisher,
            "%d to %d of %d, %d received%s"
                .formatted(
                    track.start,
                    track.last,
                    last(publisher, topic, track.last),
                    track.received,
                    workers.containsKey(publisher) ? "" : ", dead")));
    return all.toString();
  }

  /** Nothing is held for sessions that have ended. */
  private void end() {
    questions.end();
    List.copyOf(sessions.values()).forEach(this::close);
    nowMs += 2 * TopicLimits.ARRIVED_MS;
    workers.values().forEach(each -> each.router.tick(nowMs - each.bornAt));
    for (SimulatedWorker each : workers.values()) {
      assertThat(each.memory.held)
          .as("bytes that worker %d holds", each.id)
          .isEqualTo(each.router.tableBytes() - SimulatedWorker.EMPTY_TABLE);
    }
  }
}
