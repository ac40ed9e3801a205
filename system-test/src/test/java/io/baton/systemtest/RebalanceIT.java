package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Connections leave a worker that has too much to do for one that has not. */
class RebalanceIT {
  private static final int CLIENTS = 16;

  @RegisterExtension final Servers servers = Servers.perTest();

  private static TestServer server(Servers servers) throws Exception {
    TestServer server =
        servers
            .create()
            .configure("listener-defaults.placement", "peer-hash")
            .configure(
                "fleet.rebalance",
                "{ interval = 200ms, busy = 80, intervals = 3, improvement = 10, pause = 1s }");
    ModuleJar.install(server, MovingModule.class, Map.of());
    return server;
  }

  @Test
  void aWorkerThatIsBusierThanTheOtherSharesItsConnections() throws Exception {
    TestServer server = server(servers);
    int port = server.listen("heavy", "heavy");
    server.start();
    try (Streams clients = new Streams(port, CLIENTS)) {
      Status status =
          server.await(
              "both have some of them",
              s -> s.workers().stream().allMatch(worker -> worker.connections() > 0));
      assertThat(status.total("rebalances")).isPositive();
      assertThat(status.total("migrated")).isBetween(1L, CLIENTS - 1L);
      assertThat(status.total("replaced")).isZero();
      clients.awaitAnswers();
      clients.assertUnharmed();
    }
    assertThat(server.log()).contains("rebalanc");
  }

  @Test
  void whereOnlyMachinesAreQuietNothingMoves() throws Exception {
    TestServer server = server(servers);
    server.start();
    try (Streams clients = new Streams(server.echo, CLIENTS)) {
      clients.awaitAnswers();
      double then = server.status().uptimeSeconds();
      server.await("it was looked at many times", s -> s.uptimeSeconds() > then + 2);
      assertThat(server.status().total("rebalances")).isZero();
      clients.assertUnharmed();
    }
  }
}
