package io.baton.manager.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class FleetSimulationTest {
  /** It takes several moves in a row that go wrong in the same way. */
  private static int atLeast(String what) {
    return what.equals("canary failed") ? 0 : 50;
  }

  private static final int SEEDS = 2_000;

  /** To look into one seed: {@code -Dbaton.seed=N}. */
  private static final Long ONLY = Long.getLong("baton.seed");

  @Test
  void whateverHappensEveryClientHasOneOwnerOrOneCountedRefusal() throws Exception {
    Map<String, Integer> happened = new TreeMap<>();
    long first = ONLY == null ? 1 : ONLY;
    long last = ONLY == null ? SEEDS : ONLY;
    for (long seed = first; seed <= last; seed++) {
      FleetSimulation simulation = new FleetSimulation(seed);
      try {
        simulation.run();
      } catch (AssertionError e) {
        throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
      }
      simulation.happened().forEach((what, n) -> happened.merge(what, n, Integer::sum));
    }
    if (ONLY == null) {
      assertThat(happened)
          .as("all of it has happened, often: %s", happened)
          .containsKeys(
              "aborted",
              "accept",
              "allowance taken back",
              "blocked",
              "canary",
              "canary failed",
              "death in boot",
              "death in service",
              "departed",
              "descriptor lost",
              "drained",
              "ended",
              "failed boot",
              "forgotten",
              "gave more than allowed",
              "given",
              "given late",
              "hangs with a session",
              "last client of a listener",
              "limited",
              "limited by all listeners together",
              "limited by peer",
              "limited client ended",
              "migrated",
              "nonsense",
              "pause of the manager",
              "placed on a leaver",
              "rebalanced",
              "recalled",
              "recalled moving",
              "RECYCLE done",
              "RECYCLE failed",
              "refused DRAINING",
              "refused NO_DESCRIPTORS",
              "refused UNREADABLE",
              "RELOAD done",
              "RELOAD failed",
              "returned",
              "SCALE done",
              "SCALE failed",
              "SIGCONT",
              "SIGSTOP",
              "spawn",
              "spawn failed",
              "started",
              "stop",
              "stranded",
              "superseded",
              "turned back",
              "unsaved")
          .allSatisfy((what, n) -> assertThat(n).as(what).isGreaterThan(atLeast(what)));
    }
  }
}
