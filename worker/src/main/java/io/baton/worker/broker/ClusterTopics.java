package io.baton.worker.broker;

import io.baton.pipe.Load;
import io.baton.pipe.Load.BrokerState;
import io.baton.pipe.OwnMetrics;
import io.baton.worker.broker.BrokerMessage.Bye;
import io.baton.worker.broker.BrokerMessage.End;
import io.baton.worker.broker.BrokerMessage.Hello;
import io.baton.worker.broker.BrokerMessage.Mark;
import io.baton.worker.broker.BrokerMessage.Publish;
import io.baton.worker.metrics.MetricsRegistry;
import io.baton.worker.metrics.SeriesState;
import io.baton.worker.topics.RemotePublications;
import io.baton.worker.topics.TopicMemory;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The topics of a worker on other machines: what is published here goes to the broker, numbered,
 * and what sessions here have subscribed comes from it. The mesh of this machine does not depend on
 * it.
 *
 * <p>Event loop only. What comes from the broker is counted and dropped if it is not as it should
 * be.
 */
public final class ClusterTopics implements Broker.Listener {
  private static final long HELLO_MS = 1_000;

  /** For how long a worker that starts waits for the broker, so that sessions that come get all. */
  private static final long FIRST_MS = 2_000;

  private static final Logger LOG = LoggerFactory.getLogger(ClusterTopics.class);

  /** Where a worker takes part in a cluster. */
  public interface Receiver {
    /** What is published elsewhere comes to sessions here. */
    RemotePublications remote();

    /** What is published elsewhere comes from now on, or does not come any more. */
    void connected(boolean isUp);

    /** Something has come to sessions. */
    void handOut();
  }

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
  private final Receiver receiver;
  private final BrokerCodec codec;
  private final Subjects subjects;
  private final PublishedNumbers numbers;
  private final Machines machines = new Machines();
  private final Map<DropReason, long[]> dropped = new EnumMap<>(DropReason.class);
  private boolean up;

  /** What waits for the first connection; null if nothing does. */
  private @Nullable Runnable whenUp;

  private long waitsUntil = Long.MAX_VALUE;
  private long nowMs;

  /** Whether this worker has lost its connection once, and the others have not been told. */
  private boolean lost;

  private long helloAt;
  private long published;
  private long received;

  public ClusterTopics(Identity identity, Broker broker, Receiver receiver, TopicMemory memory) {
    this.identity = identity;
    this.broker = broker;
    this.receiver = receiver;
    codec =
        new BrokerCodec(
            identity.machine(), identity.worker(), identity.cluster(), identity.secrets());
    subjects = new Subjects(identity.cluster());
    numbers = new PublishedNumbers(memory, this::send);
    Arrays.stream(DropReason.values()).forEach(each -> dropped.put(each, new long[1]));
  }

  /** Begins to connect. */
  public void start() {
    broker.subscribe(subjects.hello());
    broker.start(this);
  }

  /**
   * Runs the action once there is a connection; at the latest after {@value #FIRST_MS} ms, because
   * the broker may be away.
   */
  public void whenUp(Runnable action) {
    if (up) {
      action.run();
    } else {
      whenUp = action;
      waitsUntil = nowMs + FIRST_MS;
    }
  }

  private void stopWaiting() {
    Runnable action = whenUp;
    whenUp = null;
    waitsUntil = Long.MAX_VALUE;
    if (action != null) {
      action.run();
    }
  }

  private void drop(DropReason reason, long count) {
    dropped.getOrDefault(reason, new long[1])[0] += count;
  }

  // ---- out ----

  /** Publishes a message to other machines; returns false if it is certain that it is lost. */
  public boolean publish(String topic, byte[] message) {
    long n = numbers.next(topic);
    if (n == PublishedNumbers.NONE) {
      drop(DropReason.TOPICS, 1);
      return false;
    }
    if (!send(new Publish(topic, n, message))) {
      numbers.refused(topic);
      return false;
    }
    return true;
  }

  private boolean send(BrokerMessage message) {
    String subject =
        switch (message) {
          case Publish m -> subjects.topic(m.topic());
          case Mark m -> subjects.topic(m.topic());
          case End m -> subjects.topic(m.topic());
          case Hello _, Bye _ -> subjects.hello();
        };
    if (!up) {
      drop(DropReason.AWAY, message instanceof Publish ? 1 : 0);
      return false;
    }
    if (!broker.publish(subject, codec.write(message))) {
      drop(DropReason.FULL, 1);
      return false;
    }
    published++;
    return true;
  }

  /** Sessions here begin, or cease, to want a topic. */
  public void want(String topic, boolean wanted) {
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
    receiver.connected(true);
    machines.reconnected();
    numbers.repeat();
    if (lost) {
      receiver.remote().restored();
    }
    sayHello();
    stopWaiting();
  }

  private void sayHello() {
    if (send(new Hello(identity.server(), lost))) {
      lost = false;
    }
  }

  @Override
  public void down() {
    up = false;
    receiver.connected(false);
    lost = true;
    numbers.disconnected();
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
          received++;
          take(it.machine(), it.worker(), it.content());
        } else {
          drop(DropReason.WORKERS, 1);
        }
      }
    }
  }

  private void take(long machine, long worker, BrokerMessage message) {
    RemotePublications remote = receiver.remote();
    switch (message) {
      case Publish m -> {
        remote.published(worker, m.topic(), m.n(), m.message());
        receiver.handOut();
      }
      case Mark m -> remote.marked(worker, m.topic(), m.n(), m.unsure());
      case End m -> remote.ended(worker, m.topic(), m.n());
      case Hello m -> {
        machines.named(machine, m.server());
        if (m.lost()) {
          numbers.repeat();
        }
      }
      case Bye _ -> {
        machines.ended(worker);
        remote.forget(worker);
      }
    }
  }

  /**
   * Lets time pass.
   *
   * @param ms milliseconds since the worker began
   */
  public void tick(long ms) {
    nowMs = ms;
    numbers.tick(ms);
    if (ms >= waitsUntil) {
      LOG.warn(
          "after {} ms there is no connection to the broker: this worker serves without it",
          FIRST_MS);
      stopWaiting();
    }
    if (up) {
      machines.tick(ms, receiver.remote()::forget);
    }
    if (ms >= helloAt && up) {
      helloAt = ms + HELLO_MS;
      sayHello();
    }
  }

  /**
   * Says that this worker ends, and ends the connection.
   *
   * @return see {@link Broker#close}
   */
  public Runnable close() {
    var _ = send(new Bye());
    return broker.close();
  }

  // ---- what it has done ----

  /** What is exchanged with other machines. */
  public Load.Broker counts() {
    long sum = dropped.values().stream().mapToLong(each -> each[0]).sum();
    return new Load.Broker(
        up ? BrokerState.UP : BrokerState.DOWN, machines.here(), published, received, sum);
  }

  /** Adds what is exchanged with other machines to this worker's metrics. */
  public void register(int slot, MetricsRegistry to) {
    String its = Integer.toString(slot);
    List<String> labels = List.of(its);
    to.add(OwnMetrics.BROKER_UP, labels, () -> SeriesState.gauge(() -> up ? 1 : 0));
    to.add(OwnMetrics.BROKER_MACHINES, labels, () -> SeriesState.gauge(machines::here));
    to.add(OwnMetrics.BROKER_PUBLISHED, labels, () -> SeriesState.counter(() -> published));
    to.add(OwnMetrics.BROKER_RECEIVED, labels, () -> SeriesState.counter(() -> received));
    dropped.forEach((reason, count) ->
        to.add(
            OwnMetrics.BROKER_DROPPED,
            List.of(its, reason.name().toLowerCase(Locale.ROOT)),
            () -> SeriesState.counter(() -> count[0])));
  }
}
