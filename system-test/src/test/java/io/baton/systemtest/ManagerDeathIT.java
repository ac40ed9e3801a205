package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Without their manager, workers finish what they have and end. */
class ManagerDeathIT {
  @RegisterExtension final Servers servers = Servers.perTest();

  @Test
  void theWorkersOfAKilledManagerFinishAndEndAndTheServerCanBeStartedAgain() throws Exception {
    TestServer server = servers.create().configure("fleet.drain-timeout", "4s").start();
    List<Client> guests = server.guests(4);
    long manager = server.status().pid();
    Procs.signal("KILL", manager);
    for (Client guest : guests) {
      assertThat(guest.echo("still here")).isEqualTo("still here");
    }
    Wait.until("the workers have ended", server::processes, List::isEmpty);
    for (Client guest : guests) {
      assertThat(guest.isEnded()).isTrue();
      guest.close();
    }
    // What the dead one left, its lock and its sockets, is in nobody's way.
    assertThat(server.script("status").exit()).isEqualTo(3);
    server.start("-Dbaton.workers=1");
    assertThat(server.status().pid()).isNotEqualTo(manager);
    server.visitWeb();
    try (Client local = server.local()) {
      assertThat(local.echo("ping")).isEqualTo("ping");
    }
  }
}
