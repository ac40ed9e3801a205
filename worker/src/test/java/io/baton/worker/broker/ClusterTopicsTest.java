package io.baton.worker.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.baton.mesh.MeshMessage;
import io.baton.pipe.Load.BrokerState;
import io.baton.worker.memory.LimitedMemory;
import io.baton.worker.topics.Publication;
import io.baton.worker.topics.RemotePublications;
import io.baton.worker.topics.SessionFacts;
import io.baton.worker.topics.TopicOutput;
import io.baton.worker.topics.TopicRouter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Workers of several machines at one broker, each with a session. */
class ClusterTopicsTest {
  private static final String TOPIC = "chat\0room";
  private static final long SESSION = 1;

  private final List<Connection> connections = new ArrayList<>();

  private final Worker a = new Worker(1, 1);
  private final Worker b = new Worker(2, 2);

  /** A broker that brings everything at once, or nothing. */
  private final class Connection implements Broker {
    private final Set<String> subjects = new HashSet<>();
    private @Nullable Listener listener;
    private boolean isUp = true;
    private boolean isDeaf;

    @Override
    public void start(Listener its) {
      listener = its;
      connections.add(this);
      its.up();
    }

    void set(boolean up) {
      isUp = up;
      if (listener != null && up) {
        listener.up();
      } else if (listener != null) {
        listener.down();
      }
    }

    @Override
    public void subscribe(String subject) {
      subjects.add(subject);
    }

    @Override
    public void unsubscribe(String subject) {
      subjects.remove(subject);
    }

    @Override
    public boolean publish(String subject, byte[] message) {
      if (!isUp) {
        return false;
      }
      for (Connection each : connections) {
        if (each != this && each.isUp && !each.isDeaf && each.subjects.contains(subject)) {
          each.bring(message);
        }
      }
      return true;
    }

    void bring(byte[] message) {
      if (listener != null) {
        listener.received(message);
      }
    }

    @Override
    public Runnable close() {
      connections.remove(this);
      return () -> {};
    }
  }

  /** A worker with one session. */
  private final class Worker implements TopicOutput, ClusterTopics.Receiver {
    private final List<String> got = new ArrayList<>();
    private final Connection connection = new Connection();
    private final LimitedMemory memory = new LimitedMemory();
    private final TopicRouter router = new TopicRouter(1, 2, 3, memory, this);
    private final Cluster cluster;
    private final ClusterTopics topics;
    private long nowMs;

    Worker(long machine, int number) {
      this(machine, number, "secret");
    }

    Worker(long machine, int number, String secret) {
      Cluster.Identity identity =
          new Cluster.Identity(
              "test",
              List.of(secret.getBytes(UTF_8)),
              machine,
              RemotePublications.number((long) number << 32),
              "a server");
      router.cluster();
      cluster = new Cluster(identity, connection);
      topics = new ClusterTopics(cluster, this, memory);
      cluster.join(topics);
      cluster.start();
    }

    void subscribe() {
      router.subscribe(SESSION, TOPIC, null);
    }

    boolean publish(String message) {
      return topics.publish(TOPIC, message.getBytes(UTF_8));
    }

    void pass(long ms) {
      for (long end = nowMs + ms; nowMs < end; ) {
        nowMs += 100;
        router.tick(nowMs);
        cluster.tick(nowMs);
      }
    }

    @Override
    public RemotePublications remote() {
      return router.remote();
    }

    @Override
    public void connected(boolean isUp) {
      router.connected(isUp);
    }

    @Override
    public void handOut() {
      // It is given at once.
    }

    @Override
    public void deliver(long session, Publication publication) {
      got.add(new String(publication.message(), UTF_8));
    }

    @Override
    public void missed(long session, String topic, long count) {
      got.add("missed " + count);
    }

    @Override
    public SessionFacts facts(long session) {
      return new SessionFacts("", false);
    }

    @Override
    public void want(String topic, boolean wanted) {
      topics.want(topic, wanted);
    }

    @Override
    public boolean send(long neighbour, MeshMessage message) {
      return true;
    }
  }

  private static void pass(long ms, Worker... all) {
    for (long passed = 0; passed < ms; passed += 100) {
      for (Worker each : all) {
        each.pass(100);
      }
    }
  }

  @Test
  void aPublicationReachesSessionsOfOtherMachinesThatHaveSubscribed() {
    Worker c = new Worker(3, 3);
    b.subscribe();
    assertThat(a.publish("one")).isTrue();
    assertThat(b.got).containsExactly("one");
    assertThat(c.got).isEmpty();
    b.router.unsubscribe(SESSION, TOPIC);
    a.publish("two");
    assertThat(b.got).containsExactly("one");
  }

  @Test
  void whatComesFromTheOwnMachineIsIgnored() {
    connections.clear(); // of the other machines
    Worker here = new Worker(1, 1);
    Worker alsoHere = new Worker(1, 2);
    alsoHere.subscribe();
    here.publish("one");
    assertThat(alsoHere.got).isEmpty();
    assertThat(alsoHere.cluster.counts().received()).isZero();
  }

  @Test
  void whatIsMadeWithAnotherSecretIsDroppedAndCounted() {
    connections.remove(a.connection);
    Worker stranger = new Worker(1, 1, "another");
    b.subscribe();
    long before = b.cluster.counts().dropped();
    stranger.publish("one");
    b.connection.bring("nonsense".getBytes(UTF_8));
    assertThat(b.got).isEmpty();
    assertThat(b.cluster.counts().dropped()).isEqualTo(before + 2);
  }

  @Test
  void machinesKnowEachOtherAndNoticeAnEnd() {
    pass(2_000, a, b);
    assertThat(a.cluster.counts().machines()).isEqualTo(1);
    assertThat(a.cluster.counts().state()).isEqualTo(BrokerState.UP);
    b.cluster.close().run();
    assertThat(a.cluster.counts().machines()).isZero();
  }

  @Test
  void aLossInTheMiddleIsToldWithTheNextMessage() {
    b.subscribe();
    a.publish("one");
    b.connection.isDeaf = true;
    a.publish("two");
    a.publish("three");
    b.connection.isDeaf = false;
    a.publish("four");
    assertThat(b.got).containsExactly("one", "missed 2", "four");
  }

  @Test
  void aLossAtTheEndIsToldWithinSeconds() {
    b.subscribe();
    a.publish("one");
    b.connection.isDeaf = true;
    a.publish("two");
    b.connection.isDeaf = false;
    pass(1_500, a, b);
    assertThat(b.got).containsExactly("one", "missed 1");
  }

  @Test
  void publishingSaysNoWhileThereIsNoConnectionAndWhatIsMissedIsToldAfterwards() {
    b.subscribe();
    a.publish("one");
    a.connection.set(false);
    assertThat(a.publish("two")).isFalse();
    assertThat(a.cluster.counts().state()).isEqualTo(BrokerState.DOWN);
    a.connection.set(true);
    pass(500, a, b);
    assertThat(a.publish("three")).isTrue();
    assertThat(b.got).containsExactly("one", "missed 1", "three");
  }

  @Test
  void afterAnOutageOfASubscriberTheNumbersAreToldAgain() {
    b.subscribe();
    a.publish("one");
    pass(2_000, a, b);
    b.connection.set(false);
    a.publish("two");
    pass(2_000, a, b);
    b.connection.set(true);
    pass(8_000, a, b);
    assertThat(b.got).containsExactly("one", "missed 1");
  }

  @Test
  void afterAnOutageATopicOfWhichNotAllAreHeardIsInDoubt() {
    b.subscribe();
    a.publish("one");
    b.connection.set(false);
    connections.remove(a.connection); // it has died
    b.connection.set(true);
    pass(8_000, b);
    assertThat(b.got).containsExactly("one", "missed -1");
  }

  @Test
  void afterAnOutageATopicOfWhichSomebodyIsHeardForTheFirstTimeIsInDoubt() {
    b.subscribe();
    b.connection.set(false);
    a.publish("one");
    pass(2_000, a, b);
    b.connection.set(true);
    pass(8_000, a, b);
    a.publish("two");
    assertThat(b.got).containsExactly("missed -1", "two");
  }

  @Test
  void whatMayHaveReachedNobodyIsSaidToBeMissed() {
    b.subscribe();
    a.connection.set(false);
    a.publish("one");
    a.connection.set(true);
    pass(500, a, b);
    assertThat(b.got).containsExactly("missed -1");
  }

  @Test
  void aTopicThatBeginsAnewAfterALongRestIsNotTakenForALoss() {
    b.subscribe();
    a.publish("one");
    pass(PublishedNumbers.FORGET_MS + 2_000, a, b);
    a.publish("two");
    assertThat(b.got).containsExactly("one", "two");
  }
}
