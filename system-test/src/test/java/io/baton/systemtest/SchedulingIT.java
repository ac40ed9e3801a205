package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.testing.Nightly;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Under which policy the kernel runs the server. */
class SchedulingIT {
  private static final int OTHER = 0;
  private static final int BATCH = 3;
  private static final int IDLE = 5;

  @RegisterExtension final Servers servers = Servers.perTest();

  @Test
  void theManagersThreadAndAllOfItsWorkersDoNotInterruptOthers() throws Exception {
    TestServer server = servers.create().start();
    assertThat(Procs.schedulingPolicies(server.status().pid())).contains(BATCH);
    for (int slot = 0; slot < 2; slot++) {
      assertThat(Procs.schedulingPolicies(server.status().worker(slot).pid())).containsOnly(BATCH);
    }
    assertThat(server.ask("recycle").exit()).isZero();
    assertThat(Procs.schedulingPolicies(server.status().worker(0).pid())).containsOnly(BATCH);
  }

  @Test
  void anOperatorMayWantThemScheduledAsTheServerWasStarted() throws Exception {
    TestServer server =
        servers.create().configure("workers", 1).configure("scheduling", "inherit").start();
    assertThat(Procs.schedulingPolicies(server.status().pid())).containsOnly(OTHER);
    assertThat(Procs.schedulingPolicies(server.status().worker(0).pid())).containsOnly(OTHER);
  }

  @Tag(Nightly.ONLY)
  @Test
  void aPolicyThatTheServerWasStartedUnderIsKept() throws Exception {
    TestServer server =
        servers.create().configure("workers", 1).startUnder("chrt --idle --pid 0 $$");
    assertThat(Procs.schedulingPolicies(server.status().pid())).containsOnly(IDLE);
    assertThat(Procs.schedulingPolicies(server.status().worker(0).pid())).containsOnly(IDLE);
  }
}
