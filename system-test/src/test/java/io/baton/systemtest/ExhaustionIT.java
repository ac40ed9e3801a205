package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.testing.server.Ports;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A service that never releases its buffers costs its worker, and no client anything. */
class ExhaustionIT {
  private static final int BYSTANDERS = 16;
  private static final String MEGABYTE = "1000000";

  @RegisterExtension final Servers servers = Servers.perTest();

  @Test
  void aWorkerWithoutDirectMemoryIsReplacedAndItsConnectionsGoOn() throws Exception {
    TestServer server = servers.create();
    ModuleJar.install(server, LeakingModule.class, Map.of());
    int lines = Ports.free(1).getFirst();
    server
        .configure(
            "listeners.lines",
            "{ endpoint = \"tcp://127.0.0.1:%d\", codec = line, service = leaking }"
                .formatted(lines))
        .configure("workers", 1)
        .configure(
            "worker.java-options",
            "[\"-Xmx48m\", \"-XX:+UseSerialGC\", \"-XX:TieredStopAtLevel=1\","
                + " \"-XX:+ExitOnOutOfMemoryError\"]")
        .start();
    List<Long> before = server.status().pids();

    try (Streams bystanders = new Streams(server.echo, BYSTANDERS);
        Client leaker = Client.tcp(lines)) {
      bystanders.awaitAnswers();
      leakUntilItEnds(leaker);

      server.awaitLog("has no memory left: ");
      server.await("another worker in its place", s -> s.allReady() && !s.pids().equals(before));
      bystanders.awaitAnswers();
      bystanders.assertUnharmed();
      assertThat(server.status().total("workerDeaths")).isZero();
      assertThat(server.http("/readyz").code()).isEqualTo(200);
    }
  }

  /** What its worker does to this client when there is no more, is its service's own doing. */
  private static void leakUntilItEnds(Client leaker) {
    try {
      for (int i = 0; i < 64; i++) {
        leaker.echo(MEGABYTE + "\n");
      }
    } catch (IOException _) {
      return;
    }
  }
}
