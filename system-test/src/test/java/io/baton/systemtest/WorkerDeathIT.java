package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.systemtest.ScriptedWorker.Script;
import java.io.IOException;
import java.net.ConnectException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What clients notice when a worker dies, wherever it is with them. */
class WorkerDeathIT {
  @RegisterExtension
  static final Servers SERVERS =
      Servers.shared(server ->
          server
              // So that it is known how many clients each worker has.
              .configure("listener-defaults.placement", "round-robin")
              // Time enough to look at clients that are placed and not taken.
              .configure("fleet.stall-after", "20s")
              .configure("fleet.hang-timeout", "60s")
              .launchReal(0));

  @Test
  void underLoadOnlyTheClientsOfAKilledWorkerNotice() throws Exception {
    TestServer server = SERVERS.running();
    List<Client> guests = server.guests(20);
    Status before =
        server.await(
            "20 guests", s -> s.worker(0).connections() == 10 && s.worker(1).connections() == 10);
    long held = before.worker(0).connections();
    String first = "the first half, ".repeat(1_000);
    String second = "the second half; ".repeat(1_000);
    for (Client guest : guests) {
      guest.send(first);
    }
    int visitors = 4;
    Visitors load = new Visitors(visitors, server::visitWeb);
    try (load) {
      load.awaitMore(100);
      Procs.signal("KILL", before.worker(0).pid());
      load.awaitMore(100);
      server.await("the death is seen", s -> s.total("workerDeaths") == 1);
      server.awaitAllReady();
      load.awaitMore(100);
    }
    int ended = 0;
    for (Client guest : guests) {
      try (guest) {
        guest.send(second);
        assertThat(guest.readText(first + second)).isEqualTo(first + second);
      } catch (IOException _) {
        ended++;
      }
    }
    assertThat(ended).as("guests that were ended").isEqualTo((int) held);
    Status after = server.status();
    // A visitor has one connection at a time: those that the dead worker had taken were lost.
    assertThat(load.failures())
        .hasSizeLessThanOrEqualTo(visitors)
        .hasSizeLessThanOrEqualTo((int) (after.total("lostWithWorker") - held))
        .noneMatch(ConnectException.class::isInstance);
    assertThat(after.worker(0).restarts()).isEqualTo(before.worker(0).restarts() + 1);
    assertThat(after.worker(0).pid()).isNotEqualTo(before.worker(0).pid());
    assertThat(after.worker(1).pid()).isEqualTo(before.worker(1).pid());
    assertThat(after.total("refused")).isZero();
    server.awaitLog("was killed by SIGKILL");
  }

  @Test
  void clientsThatAKilledWorkerHadNotTakenAreServedByTheOther() throws Exception {
    TestServer server = SERVERS.running();
    long victim = server.status().worker(0).pid();
    Procs.stop(victim);
    List<Client> clients = sendingClients(server, 10);
    server.await("5 untaken clients", s -> s.worker(0).untaken() == 5);
    Procs.signal("KILL", victim);
    assertThat(served(clients)).isEqualTo(10);
    Status status = server.awaitAllReady();
    assertThat(status.total("replaced")).isEqualTo(5);
    assertThat(status.total("lostWithWorker")).isZero();
    assertThat(status.total("refused")).isZero();
  }

  @Test
  void aWorkerThatDiesBetweenReceivingAndTakenLosesNobody() throws Exception {
    TestServer server = SERVERS.running();
    server.putInPlace(0, Script.DIES_BEFORE_TAKEN);
    assertThat(served(sendingClients(server, 4))).isEqualTo(4);
    Status status = server.awaitAllReady();
    assertThat(status.total("workerDeaths")).isEqualTo(1);
    assertThat(status.total("replaced")).isPositive();
    assertThat(status.total("lostWithWorker")).isZero();
  }

  @Test
  void aWorkerThatDiesBetweenTakenAndReadingLosesJustThatClient() throws Exception {
    TestServer server = SERVERS.running();
    server.putInPlace(0, Script.DIES_AFTER_TAKEN);
    assertThat(served(sendingClients(server, 4))).isEqualTo(3);
    Status status = server.awaitAllReady();
    assertThat(status.total("workerDeaths")).isEqualTo(1);
    assertThat(status.total("lostWithWorker")).isEqualTo(1);
  }

  @Test
  void aWorkerThatDiesWithHalfOfABatchTakenLosesJustThatHalf() throws Exception {
    TestServer server = SERVERS.running();
    server.putInPlace(0, Script.DIES_WITH_HALF_TAKEN);
    int clients = 2 * ScriptedWorker.BATCH;
    int half = ScriptedWorker.BATCH / 2;
    assertThat(served(sendingClients(server, clients))).isEqualTo(clients - half);
    Status status = server.awaitAllReady();
    assertThat(status.total("workerDeaths")).isEqualTo(1);
    assertThat(status.total("lostWithWorker")).isEqualTo(half);
    assertThat(status.total("replaced")).isEqualTo(half);
  }

  /** Clients that are connected and have sent something. */
  private static List<Client> sendingClients(TestServer server, int n) throws IOException {
    List<Client> clients = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      Client client = server.echo();
      client.send("hello, baton");
      clients.add(client);
    }
    return clients;
  }

  /** How many of them get their answer; the others' connections have ended. */
  private static int served(List<Client> clients) throws IOException {
    int served = 0;
    for (Client client : clients) {
      try (client) {
        assertThat(client.readText("hello, baton")).isEqualTo("hello, baton");
        served++;
      } catch (IOException _) {
        // ended
      }
    }
    return served;
  }
}
