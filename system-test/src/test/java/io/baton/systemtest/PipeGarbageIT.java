package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.systemtest.ScriptedWorker.Script;
import java.util.List;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** A worker that sends nonsense ends, and nobody else does. */
class PipeGarbageIT {
  @RegisterExtension
  static final Servers SERVERS =
      Servers.shared(
          server -> server.configure("listener-defaults.placement", "round-robin").launchReal(0));

  @ParameterizedTest
  @EnumSource(
      mode = Mode.MATCH_ANY,
      names = {"SENDS_.*", "TAKES_UNKNOWN", "REFUSES_UNKNOWN", "DEPARTS_UNKNOWN"})
  void aWorkerWhoseMessageMakesNoSenseIsKilledAndReplacedAlone(Script script) throws Exception {
    TestServer server = SERVERS.running();
    Status before = server.putInPlace(0, script);

    List<Client> guests = server.guests(4); // some of them are placed on the scripted worker first
    // On a busy machine it may be too slow for its first clients, which are taken back from it.
    server.visitUntil("its death", s -> s.total("workerDeaths") > before.total("workerDeaths"));
    Status after = server.awaitAllReady();

    assertThat(after.total("workerDeaths")).isEqualTo(before.total("workerDeaths") + 1);
    assertThat(after.total("garbled")).isEqualTo(before.total("garbled") + 1);
    assertThat(after.total("lostWithWorker")).isEqualTo(before.total("lostWithWorker"));
    assertThat(after.worker(1).pid()).isEqualTo(before.worker(1).pid());
    server.awaitLog("worker 0 (pid " + before.worker(0).pid() + ") sent nonsense");
    for (Client guest : guests) {
      assertThat(guest.echo("still here")).isEqualTo("still here");
      guest.close();
    }
  }
}
