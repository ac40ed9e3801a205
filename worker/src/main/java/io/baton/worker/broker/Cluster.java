package io.baton.worker.broker;

import io.baton.pipe.Load;
import io.baton.pipe.Load.BrokerState;
import io.baton.pipe.OwnMetrics;
import io.baton.worker.broker.BrokerMessage.Bye;
import io.baton.worker.broker.BrokerMessage.Hello;
import io.baton.worker.broker.BrokerMessage.Publish;
import io.baton.worker.metrics.MetricsRegistry;
import io.baton.worker.metrics.SeriesState;
import io.baton.worker.topics.RemotePublications;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This worker among those of other machines: it says that it is there, knows who else is, and
 * carries what its members say to each other. A member here talks to the same member there.
 *
 * <p>Event loop only. What comes from the broker is counted and dropped if it is not as it should
 * be; what comes from workers of this machine has come by the mesh.
 */
public final class Cluster implements Broker.Listener {
  private static final long HELLO_MS = 1_000;

  /** For how long a worker that starts waits for the broker, so that sessions that come get all. */
  private static final long FIRST_MS = 2_000;

  /** For how long it then waits for what the others say to somebody whom they hear first. */
  private static final long GREETING_MS = 200;

  private static final Logger LOG = LoggerFactory.getLogger(Cluster.class);

  /**
   * Who this worker is in the cluster.
   *
   * @param cluster its name
   * @param secrets see {@link BrokerCodec}
   * @param machine number of its machine
   * @param worker its number, {@link RemotePublications#isRemote} to others
   * @param server name of its server and release, for people
   */
  public record Identity(
      String cluster, List<byte[]> secrets, long machine, long worker, String server) {
    public Identity {
      secrets = List.copyOf(secrets);
    }
  }

  private final Identity identity;
  private final Broker broker;
  private final BrokerCodec codec;
  private final Subjects subjects;
  private final List<ClusterMember> members = new ArrayList<>();
  private final Machines machines = new Machines(new Heard());
  private final ClusterCounters counters = new ClusterCounters();
  private boolean up;

  /** What waits for the first connection; null if nothing does. */
  private @Nullable Runnable whenUp;

  private long waitsUntil = Long.MAX_VALUE;
  private long nowMs;

  /** Whether this worker has lost its connection once, and the others have not been told. */
  private boolean lost;

  private long helloAt;

  public Cluster(Identity identity, Broker broker) {
    this.identity = identity;
    this.broker = broker;
    codec =
        new BrokerCodec(
            identity.machine(), identity.worker(), identity.cluster(), identity.secrets());
    subjects = new Subjects(identity.cluster());
  }

  /** Tells the members which workers of other machines there are. */
  private final class Heard implements Machines.Listener {
    /** It may be new, and not know this one yet. */
    @Override
    public void appeared(long worker, long machine) {
      var _ = toWorker(worker, new Hello(identity.server(), false));
      members.forEach(each -> each.appeared(worker, machine));
    }

    @Override
    public void vanished(long worker) {
      members.forEach(each -> each.vanished(worker));
    }

    @Override
    public void forgotten(long worker) {
      members.forEach(each -> each.forgotten(worker));
    }
  }

  /** Returns the number of this machine. */
  public long machine() {
    return identity.machine();
  }

  /** Whether there are other machines, and a connection to them. */
  boolean reachesOthers() {
    return up && machines.here() > 0;
  }

  /** Has a member take part, before the start. */
  public void join(ClusterMember member) {
    members.add(member);
  }

  /** Begins to connect. */
  public void start() {
    broker.subscribe(subjects.hello());
    broker.subscribe(subjects.worker(identity.machine(), identity.worker()));
    broker.start(this);
  }

  /**
   * Runs the action once there is a connection, and the others have had the time to say what they
   * have to say to a newcomer; at the latest after {@value #FIRST_MS} ms, because the broker may be
   * away.
   */
  public void whenUp(Runnable action) {
    whenUp = action;
    waitsUntil = nowMs + (up ? GREETING_MS : FIRST_MS);
  }

  private void stopWaiting() {
    Runnable action = whenUp;
    whenUp = null;
    waitsUntil = Long.MAX_VALUE;
    if (action != null) {
      action.run();
    }
  }

  /** Returns how many other machines are there. */
  public int machines() {
    return machines.here();
  }

  /** Counts messages that are lost on this side. */
  void drop(DropReason reason, long count) {
    counters.drop(reason, count);
  }

  // ---- out ----

  /** Says something to all workers; returns false if it is certain that none hears it. */
  public boolean toAll(BrokerMessage message) {
    return send(subjects.hello(), message);
  }

  /** Says something to all workers that want the topic. */
  boolean toTopic(BrokerMessage.OfTopic message) {
    return send(subjects.topic(message.topic()), message);
  }

  /** Says something to one worker, which is known. */
  public boolean toWorker(long worker, BrokerMessage message) {
    Long machine = machines.of(worker);
    return machine != null && send(subjects.worker(machine, worker), message);
  }

  private boolean send(String subject, BrokerMessage message) {
    if (!up) {
      drop(DropReason.AWAY, message instanceof Publish ? 1 : 0);
      return false;
    }
    if (!broker.publish(subject, codec.write(message))) {
      drop(DropReason.FULL, 1);
      return false;
    }
    counters.published++;
    return true;
  }

  /** This worker begins, or ceases, to want a topic. */
  void want(String topic, boolean wanted) {
    String subject = subjects.topic(topic);
    if (wanted) {
      broker.subscribe(subject);
    } else {
      broker.unsubscribe(subject);
    }
  }

  // ---- in ----

  @Override
  public void up() {
    up = true;
    machines.reconnected();
    boolean again = lost;
    members.forEach(each -> each.up(again));
    sayHello();
    if (whenUp != null) {
      waitsUntil = nowMs + GREETING_MS;
    }
  }

  private void sayHello() {
    if (toAll(new Hello(identity.server(), lost))) {
      lost = false;
    }
  }

  @Override
  public void down() {
    up = false;
    lost = true;
    members.forEach(ClusterMember::down);
  }

  @Override
  public void overrun(long messages) {
    drop(DropReason.OVERRUN, messages);
  }

  @Override
  public void received(byte[] message) {
    switch (codec.read(message)) {
      case BrokerCodec.Read.Dropped it -> drop(it.reason(), 1);
      case BrokerCodec.Read.Message it -> {
        if (it.machine() == identity.machine()) {
          return; // the mesh has brought it
        }
        if (machines.heard(it.machine(), it.worker())) {
          counters.received++;
          take(it.machine(), it.worker(), it.content());
        } else {
          drop(DropReason.WORKERS, 1);
        }
      }
    }
  }

  private void take(long machine, long worker, BrokerMessage message) {
    if (message instanceof Hello hello) {
      machines.named(machine, hello.server());
    }
    members.forEach(each -> each.received(worker, message));
    if (message instanceof Bye) {
      machines.ended(worker);
    }
  }

  /**
   * Lets time pass.
   *
   * @param ms milliseconds since the worker began
   */
  public void tick(long ms) {
    nowMs = ms;
    members.forEach(each -> each.tick(ms));
    if (ms >= waitsUntil) {
      if (!up) {
        LOG.warn(
            "after {} ms there is no connection to the broker: this worker serves without it",
            FIRST_MS);
      }
      stopWaiting();
    }
    if (up) {
      machines.tick(ms);
    }
    if (ms >= helloAt && up) {
      helloAt = ms + HELLO_MS;
      sayHello();
    }
  }

  /**
   * Says that this worker ends, and ends the connection. Nothing is said after that: others would
   * take the worker for alive again, for three seconds.
   *
   * @return see {@link Broker#close}
   */
  public Runnable close() {
    var _ = toAll(new Bye());
    up = false;
    return broker.close();
  }

  // ---- what it has done ----

  /** What is exchanged with other machines. */
  public Load.Broker counts() {
    return new Load.Broker(
        up ? BrokerState.UP : BrokerState.DOWN,
        machines.here(),
        counters.published,
        counters.received,
        counters.dropped());
  }

  /** Adds what is exchanged with other machines to this worker's metrics. */
  public void register(int slot, MetricsRegistry to) {
    String its = Integer.toString(slot);
    List<String> labels = List.of(its);
    to.add(OwnMetrics.BROKER_UP, labels, () -> SeriesState.gauge(() -> up ? 1 : 0));
    to.add(OwnMetrics.BROKER_MACHINES, labels, () -> SeriesState.gauge(machines::here));
    counters.register(its, to);
  }
}
