package io.baton.worker.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.baton.mesh.MeshMessage;
import io.baton.pipe.Load.BrokerState;
import io.baton.worker.memory.LimitedMemory;
import io.baton.worker.topics.PresentMembers;
import io.baton.worker.topics.Publication;
import io.baton.worker.topics.RemotePublications;
import io.baton.worker.topics.SessionFacts;
import io.baton.worker.topics.TopicOutput;
import io.baton.worker.topics.TopicRouter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Workers of several machines at one broker, each with a session. */
class ClusterTopicsTest {
  private static final String TOPIC = "chat\0room";
  private static final long SESSION = 1;

  private final List<LocalBroker> connections = new ArrayList<>();

  private final Worker a = new Worker(1, 1);
  private final Worker b = new Worker(2, 2);

  /** A worker with one session. */
  private final class Worker implements TopicOutput, ClusterTopics.Receiver {
    private final List<String> got = new ArrayList<>();
    private final LocalBroker connection = new LocalBroker(connections);
    private final LimitedMemory memory = new LimitedMemory();
    private final TopicRouter router = new TopicRouter(1, 2, 3, memory, this);
    private final Cluster cluster;
    private final ClusterTopics topics;
    private final List<MeshMessage> later = new ArrayList<>();
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

    void subscribe(long session) {
      router.subscribe(session, TOPIC, "about " + session);
    }

    void ask(Consumer<PresentMembers> answer) {
      router.present(TOPIC, answer);
      later.forEach(topics::sendToAll);
      later.clear();
    }

    /** Returns who is in the topic, as far as is answered within the time. */
    String present() {
      StringBuilder answer = new StringBuilder();
      ask(found ->
          answer.append(
              "%s and %d silent"
                  .formatted(
                      found.members().stream().map(MeshMessage.Member::session).sorted().toList(),
                      found.silent())));
      pass(500);
      return answer.toString();
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
    public void appeared(long worker) {
      router.appeared(worker);
    }

    @Override
    public void vanished(long worker) {
      router.vanished(worker);
    }

    @Override
    public void received(long worker, MeshMessage message) {
      router.heard(worker, message);
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
      return topics.send(neighbour, message);
    }

    @Override
    public boolean sendToMachines(MeshMessage message) {
      later.add(message); // the answers would come before this has returned
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
    pass(2_000, a, b); // until the process has ended, its time passes
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

  // ---- members ----

  @Test
  void membersOnAllMachinesAreListed() {
    Worker c = new Worker(3, 3);
    a.subscribe(10);
    b.subscribe(20);
    b.subscribe(21);
    assertThat(a.present()).isEqualTo("[10, 20, 21] and 0 silent");
    assertThat(c.present()).isEqualTo("[10, 20, 21] and 0 silent");
    b.router.closed(21);
    assertThat(c.present()).isEqualTo("[10, 20] and 0 silent");
  }

  @Test
  void aMachineThatDoesNotAnswerIsCountedUntilItIsGone() {
    Worker c = new Worker(3, 3);
    a.subscribe(10);
    b.subscribe(20);
    b.connection.die();
    assertThat(a.present()).isEqualTo("[10] and 1 silent");
    pass(3_100, a, c);
    assertThat(a.present()).isEqualTo("[10] and 0 silent");
  }

  @Test
  void aMachineThatEndsDuringAQuestionIsCounted() {
    a.subscribe(10);
    b.connection.isDeaf = true;
    List<Integer> silent = new ArrayList<>();
    a.ask(found -> silent.add(found.silent()));
    assertThat(silent).isEmpty();
    b.cluster.close().run();
    assertThat(silent).containsExactly(1);
  }

  @Test
  void withoutABrokerTheMembersOfThisMachineAreListedAndOthersAreSilent() {
    new Worker(3, 3);
    a.subscribe(10);
    b.subscribe(20);
    a.connection.set(false);
    assertThat(a.present()).isEqualTo("[10] and 2 silent");
    a.connection.set(true);
    pass(1_100, a, b);
    assertThat(a.present()).isEqualTo("[10, 20] and 0 silent");
  }

  @Test
  void aWorkerThatHasNeverHeardOfOthersSaysThatSomeMayBeMissingWhileItHasNoConnection() {
    b.cluster.close().run();
    pass(200, a);
    a.subscribe(10);
    assertThat(a.present()).isEqualTo("[10] and 0 silent");
    a.connection.set(false);
    assertThat(a.present()).isEqualTo("[10] and 1 silent");
    a.connection.set(true);
    assertThat(a.present()).as("others have not greeted yet").isEqualTo("[10] and 1 silent");
    assertThat(a.present()).isEqualTo("[10] and 0 silent");
  }

  @Test
  void manyMembersComeInSeveralMessages() {
    for (int i = 0; i < 10 * MeshMessage.MAX_MEMBERS; i++) {
      b.subscribe(i);
    }
    List<Integer> found = new ArrayList<>();
    a.ask(all -> found.add(all.members().size()));
    assertThat(found).containsExactly(10 * MeshMessage.MAX_MEMBERS);
  }

  @Test
  void aQuestionForWhichThereIsNoMemoryAsksNoOtherMachine() {
    b.subscribe(20);
    a.memory.limit = 10;
    assertThat(a.present()).isEqualTo("[] and 1 silent");
    a.memory.limit = Long.MAX_VALUE;
    assertThat(a.present()).isEqualTo("[20] and 0 silent");
    assertThat(a.memory.held).isZero();
  }
}
