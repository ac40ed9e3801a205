package io.baton.manager.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class FleetSimulationTest {
  private static final int SEEDS = 5_000;

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
      simulation.happened.forEach((what, n) -> happened.merge(what, n, Integer::sum));
    }
    if (ONLY == null) {
      assertThat(happened)
          .as("all of it has happened, often: %s", happened)
          .containsKeys(
              "accept",
              "blocked",
              "death in boot",
              "death in service",
              "departed",
              "drained",
              "ended",
              "failed boot",
              "limited",
              "limited by all listeners together",
              "limited by peer",
              "limited client ended",
              "nonsense",
              "pause of the manager",
              "recalled",
              "refused DRAINING",
              "refused NO_DESCRIPTORS",
              "SIGCONT",
              "SIGSTOP",
              "spawn",
              "spawn failed",
              "stop")
          .allSatisfy((_, n) -> assertThat(n).isGreaterThan(100));
    }
  }
}
