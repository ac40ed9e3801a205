package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.systemtest.ScriptedWorker.Script;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A worker that lives and does nothing: what it has not received goes to the others. */
class StalledWorkerIT {
  @RegisterExtension
  static final Servers PATIENT =
      Servers.shared(server ->
          server
              .configure("listener-defaults.placement", "round-robin")
              .configure("fleet.ping-interval", "150ms")
              .configure("fleet.hang-timeout", "off"));

  @RegisterExtension
  static final Servers IMPATIENT =
      Servers.shared(server ->
          server
              .configure("listener-defaults.placement", "round-robin")
              .configure("fleet.ping-interval", "500ms")
              .configure("fleet.hang-timeout", "3s")
              .configure("fleet.dump-grace", "1s")
              .launchReal(0));

  @Test
  void newClientsOfAStoppedWorkerAreServedByTheOther() throws Exception {
    TestServer server = PATIENT.running();
    List<Client> before = server.guests(4);
    long stopped = server.status().worker(0).pid();
    Procs.stop(stopped);
    List<Client> after = server.guests(20);
    Status status = server.status();
    assertThat(status.total("recalled")).isPositive();
    assertThat(status.worker(0).untaken()).isZero();
    Procs.signal("CONT", stopped);
    for (Client guest : before) {
      assertThat(guest.echo("and on")).isEqualTo("and on");
      guest.close();
    }
    for (Client guest : after) {
      guest.close();
    }
    long taken = status.worker(0).taken();
    status = server.visitUntil("it takes clients again", s -> s.worker(0).taken() > taken);
    assertThat(status.worker(0).pid()).isEqualTo(stopped);
    assertThat(status.total("workerDeaths")).isZero();
    assertThat(status.total("refused")).isZero();
  }

  @Test
  void aWorkerThatWasPingedBeforeItsClientsWereTakenBackTakesClientsAgain() throws Exception {
    TestServer server = PATIENT.running();
    Status before = server.status();
    long stopped = before.worker(0).pid();
    Procs.stop(stopped);
    // Long after the ping-interval there is a ping in its pipe, in front of the clients to come.
    double then = before.uptimeSeconds();
    server.await("a second has passed", s -> s.uptimeSeconds() > then + 1);
    for (Client guest : server.guests(10)) {
      guest.close();
    }
    Status status = server.await("the recall", s -> s.total("recalled") > 0);
    Procs.signal("CONT", stopped);
    long taken = status.worker(0).taken();
    status = server.visitUntil("it takes clients again", s -> s.worker(0).taken() > taken + 5);
    assertThat(status.worker(0).pid()).isEqualTo(stopped);
    assertThat(status.total("pipeFull")).isZero();
  }

  @Test
  void underLoadAStoppedWorkerIsKilledAndReplacedAndOnlyWhatItHadTakenIsLost() throws Exception {
    TestServer server = IMPATIENT.running();
    Status before = server.status();
    long stopped = before.worker(0).pid();
    int visitors = 6;
    Visitors load = new Visitors(visitors, server::visitWeb);
    Status status;
    try (load) {
      load.awaitMore(100);
      Procs.stop(stopped);
      load.awaitMore(100);
      server.await("its death", s -> s.total("workerDeaths") == 1);
      load.awaitMore(100);
      status = server.awaitAllReady();
      load.awaitMore(100);
    }
    assertThat(load.failures())
        .hasSizeLessThanOrEqualTo(visitors)
        .hasSizeLessThanOrEqualTo((int) status.total("lostWithWorker"));
    assertThat(status.total("recalled")).isPositive();
    assertThat(status.total("refused")).isZero();
    assertThat(status.worker(0).restarts()).isEqualTo(before.worker(0).restarts() + 1);
    server.awaitLog("(hang-timeout)", "hung");
  }

  @Test
  void aHungWorkerLeavesItsThreadsInItsOutput() throws Exception {
    TestServer server = IMPATIENT.running();
    server.putInPlace(0, Script.NEVER_READS);
    for (Client guest : server.guests(4)) {
      guest.close();
    }
    server.await("its death", s -> s.total("workerDeaths") == 1);
    Status status = server.awaitAllReady();
    assertThat(status.total("recalled")).isPositive();
    assertThat(status.total("lostWithWorker")).isZero();
    // By now the output of the one before, for the next one has begun its own.
    assertThat(outputs(server)).contains("Full thread dump", "ScriptedWorker.sleepForEver");
  }

  private static String outputs(TestServer server) throws IOException {
    StringBuilder all = new StringBuilder();
    for (String name : List.of("worker-0.out", "worker-0.out.1")) {
      Path file = server.logDir.resolve(name);
      if (Files.exists(file)) {
        all.append(Files.readString(file));
      }
    }
    return all.toString();
  }
}
