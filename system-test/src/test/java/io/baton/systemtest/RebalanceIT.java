package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Connections leave a worker that has too much to do for one that has not. */
class RebalanceIT {
  private static final int CLIENTS = 16;

  @RegisterExtension
  static final Servers SERVERS =
      Servers.shared(server -> {
        server
            .configure("fleet.hang-timeout", "off")
            .configure(
                "fleet.rebalance",
                "{ interval = 200ms, busy = 80, intervals = 3, improvement = 10, pause = 1s }");
        ModuleJar.install(server, MovingModule.class, Map.of());
        port = server.listen("heavy", "heavy");
      });

  private static int port;

  /** Clients who are all with one worker, because the other stands still as they come. */
  private static Streams allWithOne(TestServer server, int port, int clients) throws Exception {
    long other = server.status().worker(1).pid();
    Procs.stop(other);
    try {
      Streams all = new Streams(port, clients);
      server.await("all are with one", s -> s.worker(0).connections() == clients);
      return all;
    } finally {
      Procs.signal("CONT", other);
    }
  }

  @Test
  void aWorkerThatIsBusierThanTheOtherSharesItsConnections() throws Exception {
    TestServer server = SERVERS.running();
    try (Streams clients = allWithOne(server, port, CLIENTS)) {
      Status status =
          server.await(
              "both have some of them",
              s -> s.workers().stream().allMatch(worker -> worker.connections() > 0));
      assertThat(status.total("rebalances")).isPositive();
      assertThat(status.total("migrated")).isPositive();
      clients.awaitAnswers();
      clients.assertUnharmed();
    }
    server.awaitLog(" % busy: moving ");
  }

  @Test
  void aWorkerKeepsTheOnlyConnectionThatTakesAllItsTime() throws Exception {
    TestServer server = SERVERS.running();
    try (Streams clients = allWithOne(server, port, 1)) {
      double then = server.status().uptimeSeconds();
      server.await("it was looked at many times", s -> s.uptimeSeconds() > then + 3);
      assertThat(server.status().total("rebalances")).isZero();
      clients.awaitAnswers();
      clients.assertUnharmed();
    }
  }
}
