package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.testing.Nightly;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What comes and goes leaves no descriptor behind, in no process. */
class LeakIT {
  private static final int CYCLES = Nightly.of(50_000, 1_000);
  private static final int WARM_UP = 200;
  private static final int KILLS = Nightly.of(400, 10);

  @RegisterExtension final Servers servers = Servers.perTest();

  @Test
  void manyClientsLeaveNoDescriptor() throws Exception {
    TestServer server = servers.create().start();
    cycles(server, WARM_UP); // what is opened once for good is open now
    server.openForReaders();
    // Some leave without waiting for anything, and may not even be accepted yet: that nobody is
    // connected would say little.
    Status status = server.await("all are gone", s -> s.total("closed") == WARM_UP);
    List<Long> processes = server.processes();
    assertThat(processes).hasSize(3);
    List<Map<String, Long>> before = processes.stream().map(LeakIT::descriptors).toList();

    cycles(server, CYCLES);

    for (int i = 0; i < processes.size(); i++) {
      long pid = processes.get(i);
      Wait.until(
          "descriptors are as before: " + before.get(i),
          () -> descriptors(pid),
          before.get(i)::equals);
    }
    Status after =
        server.await(
            "all are reported closed",
            s ->
                s.total("taken") - status.total("taken") == CYCLES
                    && s.total("closed") == s.total("taken"));
    assertThat(after.total("accepted") - status.total("accepted")).isEqualTo(CYCLES);
    assertThat(after.total("refused")).isZero();
    assertThat(after.total("workerDeaths")).isZero();
  }

  /**
   * Clients of all kinds: answered and leaving, resetting, saying nothing, asking and not waiting.
   */
  private static void cycles(TestServer server, int n) throws IOException {
    for (int i = 0; i < n; i++) {
      switch (i % 5) {
        case 0 -> server.visitWeb();
        case 1 -> server.visitEcho();
        case 2 -> {
          try (Client client = server.local()) {
            assertThat(client.echo("ping")).isEqualTo("ping");
          }
        }
        case 3 -> server.echo().close();
        default -> {
          Client client = server.web();
          client.sendGet("/hello");
          client.reset();
        }
      }
    }
  }

  @Test
  void manyKilledWorkersLeaveNoDescriptorInTheManager() throws Exception {
    TestServer server =
        servers
            .create()
            .configure("workers", 4)
            .configure("fleet.handoff-timeout", "1h") // a client's worker may be killed many times
            .configure("fleet.backoff", "{ initial = 10ms, max = 10ms }")
            .configure("fleet.breaker.failures", 1000);
    server.start();
    long manager = server.status().pid();
    cycles(server, 20);
    kill(server, 4);
    server.awaitAllReady();
    server.openForReaders();
    Map<String, Long> before = quiet(server, manager);

    // Clients that come all the while are placed on workers as these are killed.
    Visitors visitors = new Visitors(2, server::visitEcho);
    try (visitors) {
      visitors.awaitMore(10);
      kill(server, KILLS);
      server.awaitAllReady();
      visitors.awaitMore(10);
    }

    Wait.until(
        "descriptors are as before: " + before, () -> quiet(server, manager), before::equals);
    Status after = server.status();
    assertThat(after.pid()).isEqualTo(manager);
    assertThat(after.total("workerDeaths")).isEqualTo(KILLS + 4);
    assertThat(after.total("refused")).isZero();
    assertThat(visitors.failures()).hasSizeLessThanOrEqualTo((int) after.total("lostWithWorker"));
    assertThat(server.processes()).hasSize(1 + 4);
  }

  /** Kills so many workers, each as soon as it is ready. */
  private static void kill(TestServer server, int n) throws Exception {
    long deaths = server.status().total("workerDeaths");
    for (int killed = 0; killed < n; ) {
      Status status =
          server.await(
              "a worker is ready", s -> s.workers().stream().anyMatch(Status.Worker::isReady));
      for (Status.Worker worker : status.workers()) {
        if (worker.isReady() && killed < n) {
          Procs.signal("KILL", worker.pid());
          killed++;
        }
      }
      long until = deaths + killed;
      server.await("they are dead", s -> s.total("workerDeaths") == until);
    }
  }

  /** What the manager has open while nobody is connected. */
  private static Map<String, Long> quiet(TestServer server, long manager) throws Exception {
    server.await("nobody is there", s -> s.total("connections") == 0);
    return descriptors(manager);
  }

  private static Map<String, Long> descriptors(long pid) {
    try {
      return Procs.descriptors(pid);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
