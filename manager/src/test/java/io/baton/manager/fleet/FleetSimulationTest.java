package io.baton.manager.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.testing.Seeds;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class FleetSimulationTest {
  private static final int ALL = 100_000;
  private static final int SHARE = 2_000;

  /** It takes several moves in a row that go wrong in the same way. */
  private static int atLeast(String what) {
    return what.equals("canary failed") ? 0 : 50;
  }

  @Test
  void whateverHappensEveryClientHasOneOwnerOrOneCountedRefusal() throws Exception {
    Map<String, Integer> happened = new TreeMap<>();
    EffectDigest digest = new EffectDigest();
    for (long seed : Seeds.many(FleetSimulationTest.class, ALL, SHARE).toArray()) {
      FleetSimulation simulation = new FleetSimulation(seed, digest);
      try {
        simulation.run();
      } catch (AssertionError e) {
        throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
      }
      simulation.happened().forEach((what, n) -> happened.merge(what, n, Integer::sum));
    }
    System.out.println("FleetSimulationTest: effects " + digest);
    if (!Seeds.isOne()) {
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
