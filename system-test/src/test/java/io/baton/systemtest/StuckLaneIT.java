package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.testing.Nightly;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A service that gets stuck is seen, its worker is avoided and, where configured, replaced. */
class StuckLaneIT {
  @RegisterExtension final Servers servers = Servers.perTest();

  private int port;

  private TestServer server(String lane) throws Exception {
    TestServer server =
        servers.create().configure("fleet.callback-warning", "400ms").configure("workers", 2);
    port = server.listen("stuck", "stuck");
    server
        .configure("listeners.stuck.lane", lane)
        .configure("listeners.stuck.placement", "least-connections");
    ModuleJar.install(server, StuckModule.class, Map.of());
    return server;
  }

  private List<Client> served(int count) throws Exception {
    List<Client> clients = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Client client = Client.tcp(port);
      assertThat(client.echo("hello")).isEqualTo("hello");
      clients.add(client);
    }
    return clients;
  }

  private static void leave(List<Client> clients) throws Exception {
    for (Client client : clients) {
      client.close();
    }
  }

  private static Status.Worker stuck(Status status) {
    return status.workers().stream()
        .filter(worker -> worker.state().equals("stuck"))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no worker is stuck: " + status.workers()));
  }

  private static long stuckWorkers(Status status) {
    return status.workers().stream().filter(worker -> worker.state().equals("stuck")).count();
  }

  @ParameterizedTest
  @ValueSource(strings = {"virtual", "ring"})
  void aDeadlockIsInLogStatusMetricsAndReadinessAndNewClientsGoElsewhere(String lane)
      throws Exception {
    TestServer server = server(lane).start();
    List<Client> clients = served(4);
    clients.getFirst().send(StuckModule.DEADLOCK);
    Status status = server.await("a worker is stuck", s -> stuckWorkers(s) == 1);
    Status.Worker stuck = stuck(status);
    assertThat(stuck.problem()).contains("a lane has finished nothing for", "its log says where");
    server.awaitWorkerLog(
        stuck.slot(),
        "lane " + lane + ": a callback has been running for",
        "StuckModule.deadlock(");
    server.awaitLog("is stuck: a lane has finished nothing for");
    assertThat(server.script("status").out())
        .contains("stuck", "! worker " + stuck.slot() + ": a lane has finished nothing");
    assertThat(metric(server, "baton_worker_callback_seconds", stuck, lane)).isPositive();
    assertThat(metric(server, "baton_worker_callback_seconds", other(stuck, status), lane))
        .isZero();
    assertThat(server.http("/readyz").code()).as("the other worker serves").isEqualTo(200);
    clients.addAll(served(10));

    clients.getLast().send(StuckModule.DEADLOCK);
    server.await("both are stuck", s -> stuckWorkers(s) == 2);
    assertThat(server.http("/readyz").code()).isEqualTo(503);
    assertThat(server.http("/healthz").code()).isEqualTo(200);
    leave(clients);
    server.stop("--now");
  }

  private static Status.Worker other(Status.Worker than, Status status) {
    return status.workers().stream().filter(w -> w.slot() != than.slot()).findFirst().orElseThrow();
  }

  private static double metric(TestServer server, String name, Status.Worker worker, String lane)
      throws Exception {
    return server
        .http("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith(name + "{"))
        .filter(line -> line.contains("lane=\"" + lane + "\""))
        .filter(line -> line.contains("slot=\"" + worker.slot() + "\""))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .findFirst()
        .orElseThrow();
  }

  @Tag(Nightly.ONLY)
  @Test
  void aWorkerWhoseProcessorsAreAllTakenByCallbacksIsStuck() throws Exception {
    TestServer server = server("virtual").configure("workers", 1).start();
    List<Client> clients = served(Runtime.getRuntime().availableProcessors() + 1);
    for (Client each : clients) {
      each.send(StuckModule.SPIN);
    }
    Status.Worker stuck = stuck(server.await("it is stuck", s -> stuckWorkers(s) == 1));
    server.awaitWorkerLog(stuck.slot(), "StuckModule.spin(");
    assertThat(server.http("/readyz").code()).isEqualTo(503);
    leave(clients);
    server.stop("--now");
  }

  @Tag(Nightly.ONLY)
  @Test
  void theEventLoopIsWatchedLikeALane() throws Exception {
    TestServer server =
        server("loop")
            .configure("fleet.ping-interval", "200ms")
            .configure("fleet.hang-timeout", "4s")
            .configure("fleet.dump-grace", "1s")
            .start();
    List<Client> clients = served(4);
    clients.getFirst().send(StuckModule.DEADLOCK);
    Status.Worker stuck = stuck(server.await("a worker is stuck", s -> stuckWorkers(s) == 1));
    assertThat(stuck.problem()).contains("it has said nothing for");
    server.awaitWorkerLog(
        stuck.slot(), "the event loop has been at one thing for", "StuckModule.deadlock(");
    server.await(
        "another in its place", s -> s.allReady() && s.worker(stuck.slot()).pid() != stuck.pid());
    leave(clients);
  }

  @Test
  void aWorkerWithALaneThatHangsIsReplacedAndWhatDoesNotWaitForItGoesOn() throws Exception {
    TestServer server =
        server("virtual")
            .configure("fleet.lane-hang-timeout", "1s")
            .configure("fleet.drain-timeout", "3s")
            .start();
    try (Streams others = new Streams(server.echo, 20)) {
      List<Client> clients = served(6);
      clients.getFirst().send(StuckModule.DEADLOCK);
      Status.Worker stuck = stuck(server.await("a worker is stuck", s -> stuckWorkers(s) == 1));
      server.await(
          "another in its place",
          s -> s.allReady() && s.isSettled() && s.worker(stuck.slot()).pid() != stuck.pid());
      server.awaitLog(
          "has finished nothing in a lane for 1.0 s (lane-hang-timeout)",
          "has a lane that stands still (lane-hang-timeout): replacing it");
      for (Client client : clients.subList(1, clients.size())) {
        assertThat(client.echo("and on")).isEqualTo("and on");
      }
      assertThat(clients.getFirst().isEnded()).as("the one that waited for it").isTrue();
      others.awaitAnswers();
      others.assertUnharmed();
      leave(clients);
    }
  }
}
