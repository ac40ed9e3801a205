package io.baton.worker.delivery;

import io.baton.mesh.MeshMessage;
import io.baton.pipe.OwnMetrics;
import io.baton.service.Member;
import io.baton.service.Presence;
import io.baton.service.SessionId;
import io.baton.worker.broker.Cluster;
import io.baton.worker.broker.ClusterTopics;
import io.baton.worker.memory.ByteBudget;
import io.baton.worker.mesh.MeshListener;
import io.baton.worker.mesh.MeshSender;
import io.baton.worker.metrics.MetricsRegistry;
import io.baton.worker.metrics.SeriesState;
import io.baton.worker.topics.PresentMembers;
import io.baton.worker.topics.Publication;
import io.baton.worker.topics.RemotePublications;
import io.baton.worker.topics.SessionFacts;
import io.baton.worker.topics.Subscribed;
import io.baton.worker.topics.TopicCounters;
import io.baton.worker.topics.TopicOutput;
import io.baton.worker.topics.TopicPositions;
import io.baton.worker.topics.TopicRouter;
import io.netty.channel.EventLoop;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The topics of a worker between its sessions, its modules' threads and the links to other workers:
 * the {@link TopicRouter} decides, this carries out.
 *
 * <p>What the router wants delivered waits until the router has returned, because a service that is
 * called may publish in turn; and, unless it is much, until the next turn of the event loop.
 *
 * <p>Event loop only, but for the methods of {@link TopicPublisher}.
 */
public final class WorkerTopics implements TopicPublisher, MeshListener {
  /** What other threads have published and the event loop has not come to, in bytes. */
  private static final int MAX_WAITING_BYTES = 4 * 1024 * 1024;

  /** How long a virtual thread waits for room there. */
  private static final long WAIT_MS = 100;

  /** Deliveries that do not wait for the next turn; far fewer than may wait for a session. */
  private static final int MANY = 64;

  private record Delivery(long session, Runnable handOut) {}

  private final EventLoop loop;
  private final UnaryOperator<Runnable> guard;
  private final BudgetedMemory memory;
  private final TopicRouter router;
  private final Map<Long, TopicSession> sessions = new HashMap<>();
  private final Deque<Delivery> deliveries = new ArrayDeque<>();
  private final Relays relays = new Relays();
  private final Semaphore room = new Semaphore(MAX_WAITING_BYTES);
  private final long startedNanos = System.nanoTime();
  private final Queue<Runnable> returned = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean isReturning = new AtomicBoolean();
  private @Nullable PresentMembers asTold;
  private @Nullable Presence told;
  private boolean scheduled;
  private boolean handingOut;

  /** Whether a service is called with a publication, in the event loop. */
  private boolean calling;

  private boolean owed;
  private @Nullable ClusterTopics cluster;
  private Runnable settled = () -> {};

  /**
   * @param worker its number
   * @param guard wraps what is done later
   */
  public WorkerTopics(
      long worker,
      EventLoop loop,
      ByteBudget budget,
      MeshSender links,
      UnaryOperator<Runnable> guard) {
    this.loop = loop;
    this.guard = guard;
    this.memory = new BudgetedMemory(budget);
    SecureRandom secrets = new SecureRandom();
    this.router =
        new TopicRouter(worker, secrets.nextLong(), secrets.nextLong(), memory, new Out(links));
  }

  /** Those of a worker that has no links to others. */
  public static WorkerTopics alone(
      EventLoop loop, ByteBudget budget, UnaryOperator<Runnable> guard) {
    return new WorkerTopics(0, loop, budget, (_, _) -> true, guard);
  }

  private final class Out implements TopicOutput {
    private final MeshSender links;

    Out(MeshSender links) {
      this.links = links;
    }

    @Override
    public void deliver(long session, Publication publication) {
      queue(session, to -> to.published(publication));
    }

    @Override
    public void missed(long session, String topic, long count) {
      queue(session, to -> to.missed(topic, count));
    }

    private void queue(long session, Consumer<TopicSession> call) {
      TopicSession to = sessions.get(session);
      if (to == null) {
        throw new IllegalStateException("a publication for session " + session + ", not here");
      }
      deliveries.add(new Delivery(session, () -> call.accept(to)));
      handOutLater();
    }

    @Override
    public SessionFacts facts(long session) {
      TopicSession its = sessions.get(session);
      if (its == null) {
        throw new IllegalStateException("session " + session + " is not here");
      }
      return its.facts();
    }

    @Override
    public void want(String topic, boolean wanted) {
      if (cluster != null && !ModuleTopics.isDirectWithPrefix(topic)) {
        cluster.want(topic, wanted);
      }
    }

    @Override
    public boolean send(long neighbour, MeshMessage message) {
      return links.send(neighbour, message);
    }
  }

  // ---- publishing ----

  @Override
  public boolean publish(String topic, byte[] message) {
    if (loop.inEventLoop()) {
      return route(topic, message);
    }
    return later(
        topic,
        message,
        () -> {
          var _ = route(topic, message);
        });
  }

  @Override
  public CompletionStage<Boolean> send(String topic, byte[] message) {
    CompletableFuture<Boolean> sent = new CompletableFuture<>();
    if (loop.inEventLoop()) {
      sent.complete(router.isWanted(topic) && route(topic, message));
    } else if (!later(
        topic,
        message,
        () -> {
          boolean is = router.isWanted(topic) && route(topic, message);
          complete(sent, is);
        })) {
      sent.complete(false);
    }
    return sent.minimalCompletionStage();
  }

  /** What depends on it may block. */
  private static <T> void complete(CompletableFuture<T> stage, T value) {
    Thread.startVirtualThread(() -> stage.complete(value));
  }

  /** Does something with a message on the event loop, unless too much waits there. */
  private boolean later(String topic, byte[] message, Runnable action) {
    int cost = Publication.OVERHEAD_BYTES + topic.length() + message.length;
    if (!await(cost)) {
      return false;
    }
    try {
      loop.execute(
          guard.apply(() -> {
            room.release(cost);
            action.run();
          }));
      return true;
    } catch (RejectedExecutionException _) {
      room.release(cost);
      return false; // the worker has ended
    }
  }

  @Override
  public <O> void relay(String topic, Class<O> out, Function<byte[], O> encode) {
    relays.put(topic, out, encode);
  }

  @Override
  public CompletionStage<Presence> present(String topic) {
    CompletableFuture<Presence> answer = new CompletableFuture<>();
    try {
      loop.execute(
          guard.apply(() -> {
            takeReturned();
            router.present(topic, members -> complete(answer, presence(members)));
          }));
    } catch (RejectedExecutionException _) {
      answer.complete(new Presence(List.of(), 0, 1)); // the worker has ended
    }
    return answer.minimalCompletionStage();
  }

  /** All who have asked the same question get the same answer. */
  private Presence presence(PresentMembers found) {
    if (told == null || !found.equals(asTold)) {
      asTold = found;
      told = converted(found);
    }
    return told;
  }

  private static Presence converted(PresentMembers found) {
    List<Member> members = new ArrayList<>(found.members().size());
    for (MeshMessage.Member each : found.members()) {
      members.add(
          new Member(
              new SessionId(each.session()),
              Optional.of(each.principal()).filter(name -> !name.isEmpty()),
              each.about(),
              each.isAway()));
    }
    return new Presence(members, found.leftOut(), found.silent());
  }

  private boolean await(int cost) {
    try {
      return Thread.currentThread().isVirtual()
          ? room.tryAcquire(cost, WAIT_MS, TimeUnit.MILLISECONDS)
          : room.tryAcquire(cost);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private boolean route(String topic, byte[] message) {
    takeReturned();
    boolean toAll = router.publish(topic, message);
    if (cluster != null && !ModuleTopics.isDirectWithPrefix(topic)) {
      toAll &= cluster.publish(topic, message);
    }
    handOutMany();
    return toAll;
  }

  /** Much comes in one turn of the event loop: no session has to wait for all of it. */
  private void handOutMany() {
    if (deliveries.size() >= MANY && !handingOut && !calling) {
      handOut();
    }
  }

  private void handOutInTurn() {
    scheduled = false;
    handOut();
  }

  /** Hands out what there is; what is published meanwhile waits. */
  private void handOut() {
    handingOut = true;
    try {
      for (int n = deliveries.size(); n > 0 && !deliveries.isEmpty(); n--) {
        deliveries.remove().handOut.run();
      }
    } finally {
      handingOut = false;
    }
    forgetRelayed();
  }

  private void forgetRelayed() {
    if (deliveries.isEmpty()) {
      relays.forget();
    }
  }

  private void handOutLater() {
    if (scheduled || deliveries.isEmpty()) {
      return;
    }
    scheduled = true;
    Runnable turn = guard.apply(this::handOutInTurn);
    if (handingOut || calling) {
      // After the sockets had their turn: two sessions may answer each other without end.
      var _ = loop.schedule(turn, 1, TimeUnit.NANOSECONDS);
    } else {
      loop.execute(turn);
    }
  }

  /** Calls a session's service with a publication, or the news of a loss. Any thread. */
  public void call(Runnable callback) {
    if (!loop.inEventLoop()) {
      callback.run();
      return;
    }
    boolean outer = calling;
    calling = true;
    try {
      callback.run();
    } finally {
      calling = outer;
    }
  }

  /** Whether a publication goes to sessions that send messages of this class without a callback. */
  public boolean isRelayed(Publication publication, Class<?> out) {
    return relays.has(publication.topic(), out);
  }

  /**
   * Returns such a publication as a message for one session, which is to be released. What the
   * module's function throws comes out.
   */
  public Object encode(Publication publication, Class<?> out) {
    return relays.encode(publication, out);
  }

  /** Counts it as sent, or not because the session was not ready. */
  public void countRelay(boolean wasSent) {
    relays.count(wasSent);
  }

  // ---- sessions ----

  /** Subscribes to a topic for a session. */
  public Subscribed subscribe(long session, TopicSession its, String topic) {
    sessions.putIfAbsent(session, its);
    return router.subscribe(session, topic);
  }

  /** The same for a session that says something about itself. */
  public Subscribed subscribe(long session, TopicSession its, String topic, String about) {
    sessions.putIfAbsent(session, its);
    return router.subscribe(session, topic, about);
  }

  /** Ends a subscription, if there is one. */
  public void unsubscribe(long session, String topic) {
    var _ = router.unsubscribe(session, topic);
  }

  /**
   * A callback of a session's service has returned. Any thread: within one turn of the event loop,
   * in which many publications come, services in other threads get on.
   *
   * @param handled what is due then, {@link #handled} or {@link #handledMissed}
   */
  public void returned(Runnable handled) {
    if (loop.inEventLoop()) {
      handled.run();
      return;
    }
    returned.add(handled);
    if (isReturning.compareAndSet(false, true)) {
      loop.execute(
          guard.apply(() -> {
            isReturning.set(false);
            takeReturned();
          }));
    }
  }

  private void takeReturned() {
    for (Runnable handled; (handled = returned.poll()) != null; ) {
      handled.run();
    }
  }

  /** A session's service has handled a publication; what it was subscribed by may be gone. */
  public void handled(long session, TopicSession its, Publication publication) {
    if (its.equals(sessions.get(session))) {
      router.handled(session, publication);
    } else {
      publication.release();
    }
  }

  /** A session's service has handled the news of a loss. */
  public void handledMissed(long session, TopicSession its) {
    if (its.equals(sessions.get(session))) {
      router.handledMissed(session);
    }
  }

  /** A session has ended. */
  public void closed(long session) {
    router.closed(session);
    sessions.remove(session);
  }

  /** A session is to be saved: what is published for it from now on is kept. */
  public void freeze(long session) {
    if (!sessions.containsKey(session)) {
      return;
    }
    router.freeze(session);
    List<Delivery> its = new ArrayList<>();
    deliveries.removeIf(each -> each.session == session && its.add(each));
    its.forEach(each -> each.handOut.run());
    forgetRelayed();
  }

  /** A session does not move after all. */
  public void thaw(long session) {
    router.thaw(session);
  }

  /** Returns what goes along with a session that has saved; no bytes if that is nothing. */
  public ByteBuffer save(long session) {
    takeReturned();
    TopicPositions positions = router.save(session);
    return positions == null ? ByteBuffer.allocate(0) : positions.encode();
  }

  /** A session that has saved is another worker's. */
  public void departed(long session) {
    router.departed(session);
    sessions.remove(session);
    owed = router.owes();
  }

  /**
   * A session goes on here.
   *
   * @param positions what its former worker has saved
   * @return how many of its topics this worker has no room for
   */
  public int resumed(long session, TopicSession its, TopicPositions positions) {
    sessions.put(session, its);
    return router.resumed(session, positions);
  }

  /** Whether a session still gets what was kept for it while it moved. */
  public boolean catchesUp(long session) {
    return router.catchesUp(session);
  }

  // ---- neighbours ----

  @Override
  public void introduced(long neighbour) {
    router.introduced(neighbour);
  }

  @Override
  public void writable(long neighbour) {
    router.writable(neighbour);
  }

  @Override
  public void received(long neighbour, MeshMessage message) {
    takeReturned();
    router.received(neighbour, message);
    handOutMany();
  }

  @Override
  public void died(long neighbour) {
    router.died(neighbour);
  }

  // ---- other machines ----

  /** Has topics reach other machines, from before the first session on. */
  public void join(Cluster all) {
    ClusterTopics its = new ClusterTopics(all, new Remote(), memory);
    cluster = its;
    router.cluster();
    all.join(its);
  }

  private final class Remote implements ClusterTopics.Receiver {
    @Override
    public void connected(boolean isUp) {
      router.connected(isUp);
    }

    @Override
    public RemotePublications remote() {
      takeReturned();
      return router.remote();
    }

    @Override
    public void handOut() {
      handOutMany();
    }
  }

  // ---- the worker ----

  /** Whether sessions that have left may still need this worker, for a second at most. */
  public boolean owes() {
    return router.owes();
  }

  /** Has this run whenever they do not need it any more. */
  public void watch(Runnable whenSettled) {
    settled = whenSettled;
  }

  /** Lets time pass. */
  public void tick() {
    long ms = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startedNanos);
    router.tick(ms);
    if (owed && !router.owes()) {
      owed = false;
      settled.run();
    }
  }

  /** Adds what has happened here to this worker's metrics. */
  public void register(int slot, MetricsRegistry to) {
    String its = Integer.toString(slot);
    List<String> labels = List.of(its);
    TopicCounters counters = router.counters();
    to.add(OwnMetrics.TOPICS, labels, () -> SeriesState.gauge(router::topics));
    to.add(OwnMetrics.TOPIC_SUBSCRIPTIONS, labels, () -> SeriesState.gauge(router::subscriptions));
    to.add(OwnMetrics.TOPICS_PUBLISHED, labels, () -> SeriesState.counter(counters::published));
    to.add(OwnMetrics.TOPICS_DELIVERED, labels, () -> SeriesState.counter(counters::delivered));
    to.add(OwnMetrics.TOPICS_RELAYED, labels, () -> SeriesState.counter(relays::sent));
    to.add(OwnMetrics.TOPICS_FORWARDED, labels, () -> SeriesState.counter(counters::forwarded));
    Map<String, LongSupplier> missed =
        Map.of(
            "link", counters::missedByLink,
            "broker", counters::missedByBroker,
            "session", () -> counters.missedBySession() + relays.refused(),
            "move", counters::missedByMove,
            "memory", counters::refused);
    missed.forEach((cause, count) ->
        to.add(OwnMetrics.TOPICS_MISSED, List.of(its, cause), () -> SeriesState.counter(count)));
  }
}
