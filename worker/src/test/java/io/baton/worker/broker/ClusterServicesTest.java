package io.baton.worker.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.baton.mesh.MeshMessage;
import io.baton.mesh.MeshMessage.Ask;
import io.baton.mesh.MeshMessage.Verdict;
import io.baton.worker.memory.LimitedMemory;
import io.baton.worker.services.AskResult;
import io.baton.worker.services.RemoteWorkers;
import io.baton.worker.services.ServiceOutput;
import io.baton.worker.services.ServiceRouter;
import io.baton.worker.topics.RemotePublications;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Workers of several machines, one each, that offer a service and ask each other by a broker. */
class ClusterServicesTest {
  private final List<LocalBroker> connections = new ArrayList<>();

  private final class Worker implements ServiceOutput, ClusterServices.Receiver {
    private final String name;
    private final LocalBroker connection = new LocalBroker(connections);
    private final LimitedMemory memory = new LimitedMemory();
    private final ServiceRouter router = new ServiceRouter(1, 0, new Random(1), memory, this);
    private final RemoteWorkers remote = new RemoteWorkers(router, memory);
    private final Cluster cluster;
    private final ClusterServices services;
    private final List<Runnable> later = new ArrayList<>();
    private long nowMs;

    Worker(long machine) {
      name = "machine " + machine;
      Cluster.Identity identity =
          new Cluster.Identity(
              "test",
              List.of("secret".getBytes(UTF_8)),
              machine,
              RemotePublications.number(machine << 32),
              "a server");
      cluster = new Cluster(identity, connection);
      router.cluster(machine);
      services = new ClusterServices(cluster, this);
      cluster.join(services);
      cluster.start();
      router.open();
    }

    Worker offers() {
      router.offer("a");
      return this;
    }

    void pass(long ms) {
      for (long end = nowMs + ms; nowMs < end; ) {
        nowMs += 100;
        router.tick(nowMs);
        remote.tick(nowMs);
        cluster.tick(nowMs);
      }
    }

    String ask(@Nullable String key) {
      StringBuilder outcome = new StringBuilder();
      router.ask("a", key, new byte[1], 10_000, result -> outcome.append(text(result)), nowMs);
      runAll();
      return outcome.toString();
    }

    private String text(AskResult result) {
      return switch (result) {
        case AskResult.Answered its -> new String(its.content(), UTF_8);
        case AskResult.Unanswered its -> its.reason().name();
      };
    }

    @Override
    public RemoteWorkers remote() {
      return remote;
    }

    @Override
    public void received(long worker, MeshMessage message) {
      remote.received(worker, message, nowMs);
    }

    @Override
    public void connected(boolean isUp) {
      router.connected(isUp);
    }

    @Override
    public void writable(long worker) {
      router.writable(worker);
    }

    @Override
    public boolean send(long neighbour, MeshMessage message) {
      return services.send(neighbour, message);
    }

    @Override
    public void sendToMachines(MeshMessage message) {
      services.sendToAll(message);
    }

    @Override
    public void respond(long accepted, Ask question) {
      later.add(() -> router.answered(accepted, Verdict.ANSWERED, name.getBytes(UTF_8)));
    }

    @Override
    public void changed(String service) {}
  }

  private final List<Worker> workers = new ArrayList<>();

  private Worker worker(long machine) {
    Worker its = new Worker(machine);
    workers.add(its);
    return its;
  }

  private void runAll() {
    for (Worker each : workers) {
      List<Runnable> its = List.copyOf(each.later);
      each.later.clear();
      its.forEach(Runnable::run);
    }
  }

  private void pass(long ms) {
    for (long passed = 0; passed < ms; passed += 100) {
      workers.forEach(each -> each.pass(100));
    }
  }

  private List<String> holders(Worker asker) {
    List<String> holders = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      holders.add(asker.ask("key" + i));
    }
    return holders;
  }

  @Test
  void aKeyHasTheSameHolderWhoeverAsks() {
    Worker a = worker(1).offers();
    Worker b = worker(2).offers();
    Worker c = worker(3);
    List<String> holders = holders(a);
    assertThat(holders).containsOnly("machine 1", "machine 2");
    assertThat(holders(b)).isEqualTo(holders);
    assertThat(holders(c)).isEqualTo(holders);
  }

  @Test
  void aMachineThatDiesIsGoneAfterThreeSecondsAndOneThatEndsAtOnce() {
    Worker a = worker(1);
    Worker b = worker(2).offers();
    assertThat(a.ask(null)).isEqualTo("machine 2");
    b.connection.die();
    workers.remove(b);
    StringBuilder outcome = new StringBuilder();
    a.router.ask("a", null, new byte[1], 10_000, it -> outcome.append(a.text(it)), a.nowMs);
    pass(2_900);
    assertThat(outcome).isEmpty();
    pass(300);
    assertThat(outcome).hasToString("GONE");
    assertThat(a.ask(null)).isEqualTo("NOBODY");
    Worker c = worker(3).offers();
    assertThat(a.ask(null)).isEqualTo("machine 3");
    c.cluster.close().run();
    assertThat(a.ask(null)).isEqualTo("NOBODY");
  }

  @Test
  void withoutABrokerAMachineAnswersItselfWhatItHolds() {
    Worker a = worker(1).offers();
    worker(2).offers();
    List<String> before = holders(a);
    a.connection.set(false);
    assertThat(holders(a))
        .isEqualTo(before.stream().map(each -> each.equals("machine 1") ? each : "GONE").toList());
    assertThat(a.ask(null)).isEqualTo("machine 1");
    pass(20_000);
    assertThat(holders(a)).contains("GONE");
    a.connection.set(true);
    pass(1_000);
    assertThat(holders(a)).isEqualTo(before);
  }

  @Test
  void offersThatAreLostAreSaidAgainWithinASecond() {
    Worker a = worker(1);
    a.connection.isDeaf = true;
    Worker b = worker(2).offers();
    a.connection.isDeaf = false;
    assertThat(a.ask(null)).isEqualTo("NOBODY");
    pass(1_100);
    assertThat(a.ask(null)).isEqualTo("machine 2");
    assertThat(b.ask(null)).isEqualTo("machine 2");
  }
}
