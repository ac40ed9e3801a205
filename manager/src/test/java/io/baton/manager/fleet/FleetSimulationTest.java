package io.baton.manager.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.baton.service.SessionKey;
import io.baton.testing.Seeds;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FleetSimulationTest {
  private static final int ALL = 100_000;
  private static final int SHARE = 2_000;

  /** It takes several moves in a row that go wrong in the same way, or the server's very end. */
  private static int atLeast(String what) {
    return what.equals("canary failed") || what.equals("given after its end") ? 0 : 50;
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
              "came from elsewhere",
              "died without a word",
              "drain",
              "drain asked",
              "drain in vain",
              "stranded in a drain",
              "taken elsewhere",
              "waited in vain",
              "drained",
              "ended",
              "failed boot",
              "forgotten",
              "gave more than allowed",
              "given",
              "given late",
              "hangs with a session",
              "introduced",
              "not introduced",
              "joined",
              "last client of a listener",
              "left with its session",
              "limited",
              "limited by all listeners together",
              "limited by peer",
              "limited client ended",
              "migrated",
              "migrated with companions",
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
              "admitted",
              "answer outdated",
              "away for too long",
              "came back",
              "given while away",
              "lost",
              "met beyond a limit",
              "sought beyond a limit",
              "found at once",
              "found elsewhere",
              "met at once",
              "not answered",
              "nowhere",
              "refused NOT_HERE",
              "seeker ended",
              "seeker refused NOT_YET",
              "seeker refused NO_DESCRIPTORS",
              "seeker refused though it may be there",
              "sought",
              "sought in transit",
              "sought and lost",
              "thawed",
              "unsaved")
          .allSatisfy((what, n) -> assertThat(n).as(what).isGreaterThan(atLeast(what)));
    }
  }

  /** The session arrives somewhere while workers are asked that do not have it. */
  @Test
  void aSeekerThatDoesNotWaitForItsSessionInTransitIsToldNowhere() {
    assertFails(
        1,
        roster ->
            new Seekers(roster) {
              @Override
              boolean isInTransit(SessionKey session) {
                return false;
              }
            });
  }

  /** The session goes from a worker that is still to be asked to one that was asked before. */
  @Test
  void aSeekerThatKeepsItsRefusalsThoughTheSessionMovesIsToldNowhere() {
    assertFails(
        384,
        roster ->
            new Seekers(roster) {
              @Override
              void startAgain(Seeker seeker, @Nullable Worker next) {}
            });
  }

  /** The migration that had begun comes to nothing. */
  @Test
  void aSeekerThatTakesNotYetForNotHereIsToldNowhere() {
    assertFails(
        111,
        roster ->
            new Seekers(roster) {
              @Override
              void notYet(Seeker seeker, Worker by) {
                seeker.handoff.refusedBy(by);
              }
            });
  }

  /**
   * Some life goes wrong by these rules that goes right by ours.
   *
   * @param first seed that is tried, near one that is known to do so, which saves time
   */
  private static void assertFails(long first, Function<Roster, Seekers> rules) {
    for (long seed = first; seed <= first + SHARE; seed++) {
      try {
        FleetSimulation.seeking(seed, rules).run();
      } catch (AssertionError e) {
        if (!String.valueOf(e.getMessage()).startsWith(SimulatedSessions.TOLD_NOWHERE)) {
          continue; // another rule is broken first
        }
        FleetSimulation.seeking(seed, Seekers::new).run();
        return;
      }
    }
    fail("these rules are as good as ours");
  }
}
