package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.systemtest.ScriptedWorker.Script;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A process without descriptors turns clients away, counts them, serves the others, recovers. */
class DescriptorLimitIT {
  /** Enough for a JVM with its jars, and for some dozens of clients. */
  private static final String LIMIT = "ulimit -n 128";

  private static final int CLIENTS = 250;

  @RegisterExtension
  static final Servers SERVERS = Servers.shared(server -> server.launchReal(0).launchReal(1));

  @Test
  void aManagerWithoutDescriptorsTurnsClientsAwayAndRecovers() throws Exception {
    // Its one worker takes nobody, so that all clients stay the manager's.
    TestServer server =
        SERVERS
            .create()
            .configure("workers", 1)
            .configure("fleet.max-unacked", 256)
            .configure("fleet.stall-after", "50s")
            .configure("fleet.handoff-timeout", "100s")
            .configure("fleet.hang-timeout", "100s")
            .configure("fleet.backoff", "{ initial = 50ms, max = 500ms }")
            .configure("fleet.breaker.failures", 1000)
            .launch(0, Script.NEVER_TAKES)
            .startUnder(LIMIT);
    Status before = server.status();
    List<Client> clients = sendingClients(server);
    // There was room for less, and the last ones were turned away.
    assertThat(clients.getLast().isEnded()).isTrue();
    try (Client late = server.web()) {
      assertThat(late.get("/").head())
          .startsWith("HTTP/1.1 503 Service Unavailable\r\n")
          .contains("\r\nretry-after: 1\r\n", "\r\nconnection: close\r\n");
      assertThat(late.isEnded()).isTrue();
    }
    server.awaitLog("the manager is out of descriptors: clients are turned away; times since");
    assertThat(server.http("/healthz").code()).isEqualTo(200);
    assertThat(server.http("/metrics").body()).contains("\nbaton_max_descriptors 128.0\n");
    assertThat(server.status().openDescriptors()).isBetween(64L, 127L);
    server.launchReal(0);
    Procs.signal("KILL", before.worker(0).pid());

    int served = served(clients);
    assertThat(served).isBetween(1, CLIENTS - 1);
    Status after = server.awaitAllReady();
    assertThat(after.pid()).isEqualTo(before.pid());
    assertThat(after.total("refused")).isEqualTo(CLIENTS + 1 - served);
    assertThat(after.total("accepted")).isEqualTo(served);
    for (int i = 0; i < CLIENTS; i++) {
      server.visitEcho();
    }
  }

  @Test
  void clientsOfAWorkerWithoutDescriptorsAreServedByTheOther() throws Exception {
    TestServer server = SERVERS.running();
    server.putInPlace(0, LIMIT);
    List<Client> guests = server.guests(CLIENTS); // all of them are served
    Status full =
        server.await(
            "the reports", s -> s.worker(0).connections() + s.worker(1).connections() == CLIENTS);
    assertThat(full.worker(0).connections()).isLessThan(full.worker(1).connections());
    assertThat(full.total("replaced")).isPositive();
    assertThat(full.total("refused")).isZero();
    server.awaitLog("worker 0 is out of descriptors: clients go to other workers; times since");
    assertThat(server.http("/status").body()).contains("\"maxDescriptors\" : 128");
    assertThat(server.script("status").out())
        .containsPattern("! worker 0 has 12\\d of 128 descriptors open \\(ulimit -n\\)");
    for (Client guest : guests) {
      assertThat(guest.echo("still here")).isEqualTo("still here");
      guest.close();
    }
    server.await("all are gone", s -> s.worker(0).connections() == 0);
    server.visitUntil("it takes again", s -> s.worker(0).taken() > full.worker(0).taken());
    assertThat(server.status().total("workerDeaths")).isZero();
  }

  @Test
  void clientsForWhomNoWorkerHasADescriptorAreTurnedAwayAndCounted() throws Exception {
    TestServer server = SERVERS.running();
    server.putInPlace(0, LIMIT);
    server.putInPlace(1, LIMIT);
    List<Client> clients = sendingClients(server);
    List<Client> open = new ArrayList<>();
    int served = 0;
    for (Client client : clients) {
      try {
        assertThat(client.readText("hello, baton")).isEqualTo("hello, baton");
        served++;
      } catch (IOException _) {
        // turned away
      }
      open.add(client);
    }
    assertThat(served).isBetween(1, CLIENTS - 1);
    Status status = server.status();
    assertThat(status.total("refused")).isEqualTo(CLIENTS - served);
    for (Client client : open) {
      client.close();
    }
    server.await("all are gone", s -> s.total("connections") == 0);
    for (int i = 0; i < CLIENTS; i++) {
      server.visitEcho();
    }
    assertThat(server.status().total("refused")).isEqualTo(status.total("refused"));
    assertThat(server.status().total("workerDeaths")).isZero();
  }

  private static List<Client> sendingClients(TestServer server) throws IOException {
    List<Client> clients = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      Client client = server.echo();
      clients.add(client);
      try {
        client.send("hello, baton");
      } catch (IOException _) {
        // turned away already
      }
    }
    return clients;
  }

  private static int served(List<Client> clients) throws IOException {
    int served = 0;
    for (Client client : clients) {
      try (client) {
        assertThat(client.readText("hello, baton")).isEqualTo("hello, baton");
        served++;
      } catch (IOException _) {
        // turned away
      }
    }
    return served;
  }
}
