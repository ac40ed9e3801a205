package io.baton.worker.delivery;

import io.baton.mesh.MeshMessage;
import io.baton.worker.broker.Cluster;
import io.baton.worker.broker.ClusterTopics;
import io.baton.worker.memory.ByteBudget;
import io.baton.worker.memory.MemoryAccount;
import io.baton.worker.mesh.MeshListener;
import io.baton.worker.mesh.MeshSender;
import io.baton.worker.metrics.MetricsRegistry;
import io.baton.worker.time.Uptime;
import io.baton.worker.topics.PresentMembers;
import io.baton.worker.topics.Publication;
import io.baton.worker.topics.RemotePublications;
import io.baton.worker.topics.SessionFacts;
import io.baton.worker.topics.Subscribed;
import io.baton.worker.topics.TopicOutput;
import io.baton.worker.topics.TopicPositions;
import io.baton.worker.topics.TopicRouter;
import io.netty.channel.EventLoop;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The topics of a worker between its sessions, its modules' threads and the links to other workers:
 * the {@link TopicRouter} decides, this carries out.
 *
 * <p>What the router wants delivered waits until the router has returned, because a service that is
 * called may publish in turn, see {@link DeliveryQueue}.
 *
 * <p>Event loop only, but for {@link #publisher}, {@link #call} and {@link #returned}.
 */
public final class WorkerTopics implements MeshListener {
  private final EventLoop loop;
  private final BudgetedMemory memory;
  private final TopicRouter router;
  private final Map<Long, TopicSession> sessions = new HashMap<>();
  private final Relays relays = new Relays();
  private final DeliveryQueue deliveries;
  private final HandledDeliveries handled;
  private final LoopPublisher publisher;
  private final Uptime uptime = new Uptime();
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
    this.deliveries = new DeliveryQueue(loop, guard, relays::forget);
    this.handled = new HandledDeliveries(loop, guard);
    this.publisher = new LoopPublisher(loop, guard, relays, new Routing());
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

  /** Returns the topics' share of the worker's memory. Event loop only. */
  public MemoryAccount memory() {
    return memory;
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
      TopicSession to = here(session);
      deliveries.add(session, () -> call.accept(to));
    }

    @Override
    public SessionFacts facts(long session) {
      return here(session).facts();
    }

    private TopicSession here(long session) {
      return Objects.requireNonNull(
          sessions.get(session), () -> "session " + session + " is not here");
    }

    @Override
    public void want(String topic, boolean wanted) {
      if (cluster != null) {
        cluster.want(topic, wanted);
      }
    }

    @Override
    public boolean send(long neighbour, MeshMessage message) {
      return RemotePublications.isRemote(neighbour)
          ? cluster != null && cluster.send(neighbour, message)
          : links.send(neighbour, message);
    }

    @Override
    public boolean sendToMachines(MeshMessage message) {
      return cluster != null && cluster.sendToAll(message);
    }
  }

  // ---- publishing ----

  /** Returns where modules publish. Any thread. */
  public TopicPublisher publisher() {
    return publisher;
  }

  private final class Routing implements LoopPublisher.Routing {
    @Override
    public boolean route(String topic, byte[] message) {
      handled.take();
      boolean toAll = router.publish(topic, message);
      if (cluster != null) {
        toAll &= cluster.publish(topic, message);
      }
      deliveries.handOutMany();
      return toAll;
    }

    /** A session is in one place, and not elsewhere if it is known here; a user may be anywhere. */
    @Override
    public boolean send(String topic, byte[] message) {
      handled.take();
      boolean isHere = router.isWanted(topic);
      boolean isSent = isHere && router.publish(topic, message);
      boolean mayBeElsewhere = !(isHere && ModuleTopics.isOfSession(topic));
      if (cluster != null && mayBeElsewhere && !cluster.isAlone()) {
        isSent |= cluster.publish(topic, message);
      }
      deliveries.handOutMany();
      return isSent;
    }

    @Override
    public void askPresent(String topic, Consumer<PresentMembers> answer) {
      handled.take();
      router.present(topic, answer);
    }
  }

  /** Calls a session's service with a publication, or the news of a loss. Any thread. */
  public void call(Runnable callback) {
    if (loop.inEventLoop()) {
      deliveries.call(callback);
    } else {
      callback.run();
    }
  }

  /** Returns how publications go to sessions without a callback. */
  public Relays relays() {
    return relays;
  }

  // ---- sessions ----

  /**
   * Subscribes to a topic for a session.
   *
   * @param about what it says about itself; null: what it has said before
   */
  public Subscribed subscribe(
      long session, TopicSession its, String topic, @Nullable String about) {
    sessions.putIfAbsent(session, its);
    return router.subscribe(session, topic, about);
  }

  /** Ends a subscription, if there is one. */
  public void unsubscribe(long session, String topic) {
    var _ = router.unsubscribe(session, topic);
  }

  /**
   * A callback of a session's service has returned. Any thread.
   *
   * @param then what is due then, {@link #handled} or {@link #handledMissed}
   */
  public void returned(Runnable then) {
    handled.add(then);
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
    if (sessions.containsKey(session)) {
      router.freeze(session);
      deliveries.handOut(session);
    }
  }

  /** A session does not move after all. */
  public void thaw(long session) {
    router.thaw(session);
  }

  /** Returns what goes along with a session that has saved; no bytes if that is nothing. */
  public ByteBuffer save(long session) {
    handled.take();
    TopicPositions positions = router.save(session);
    return positions == null ? ByteBuffer.allocate(0) : positions.encode();
  }

  /** A session that has saved is another worker's. */
  public void departed(long session) {
    router.departed(session);
    sessions.remove(session);
    owed = router.owes();
  }

  /** A session that has saved is another machine's. */
  public void given(long session) {
    router.given(session);
    sessions.remove(session);
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

  /** A session of another machine goes on here, see {@link TopicRouter#arrived}. */
  public void arrived(long session, int move) {
    router.arrived(session, move);
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
    handled.take();
    router.received(neighbour, message);
    deliveries.handOutMany();
  }

  @Override
  public void reset(long neighbour) {
    router.reset(neighbour);
  }

  @Override
  public void severed(long neighbour) {
    router.severed(neighbour);
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
      handled.take();
      return router.remote();
    }

    @Override
    public void appeared(long worker) {
      router.appeared(worker);
    }

    @Override
    public void vanished(long worker) {
      router.vanished(worker);
    }

    @Override
    public void received(long worker, MeshMessage message) {
      handled.take();
      router.heard(worker, message);
    }

    @Override
    public void handOut() {
      deliveries.handOutMany();
    }
  }

  // ---- the worker ----

  /** Whether sessions that have left may still need this worker, for ten seconds at most. */
  public boolean owes() {
    return router.owes();
  }

  /** Has this run whenever they do not need it any more. */
  public void watch(Runnable whenSettled) {
    settled = whenSettled;
  }

  /** Lets time pass. */
  public void tick() {
    long ms = uptime.ms();
    router.tick(ms);
    if (owed && !router.owes()) {
      owed = false;
      settled.run();
    }
  }

  /** Adds what has happened here to this worker's metrics. */
  public void register(int slot, MetricsRegistry to) {
    TopicMetrics.register(slot, router, relays, to);
  }
}
