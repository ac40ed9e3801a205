package io.baton.worker.services;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.baton.testing.Nightly;
import io.baton.testing.Seeds;
import io.baton.worker.services.ServiceSimulation.Mode;
import io.baton.worker.services.ServiceSimulation.Rules;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ServiceSimulationTest {
  private static final int ALL = 4_096;
  private static final int SHARE = 100;
  private static final int STEPS = Nightly.of(20_000, 3_000);

  @Test
  void everyAskHasOneOutcomeAndAllAreAnsweredWhileNobodyDies() {
    Map<String, Integer> happened = new TreeMap<>();
    for (long seed : Seeds.many(ServiceSimulationTest.class, ALL, SHARE).toArray()) {
      Mode mode = seed % 2 == 0 ? Mode.RELOADS : Mode.ROUGH;
      try {
        new ServiceSimulation(seed, mode, Rules.OURS, STEPS, happened).run();
      } catch (RuntimeException e) {
        throw new AssertionError("seed " + seed + ", " + mode + ": " + e.getMessage(), e);
      }
    }
    System.out.println("ServiceSimulationTest: " + happened);
    if (!Seeds.isOne()) {
      assertThat(happened)
          .as("all of it has happened: %s", happened)
          .containsKeys(
              "ANSWERED",
              "GONE",
              "NOBODY",
              "OVERLOADED",
              "TIMEOUT",
              "death",
              "found dead",
              "interruption",
              "left",
              "lost",
              "refused",
              "replay",
              "reset",
              "silent",
              "spawn",
              "stop");
    }
  }

  @Test
  void aWorkerThatEndsBeforeOthersKnowLosesQuestions() {
    assertFails(Mode.RELOADS, Rules.HASTY);
  }

  @Test
  void aWithdrawalThatIsReadBeforeTheOffersOfTheSuccessorLeavesNobody() {
    assertFails(Mode.RELOADS, Rules.UNORDERED);
  }

  @Test
  void aWithdrawalThatOvertakesTheOffersOfTheSuccessorAtTheBrokerLeavesNobody() {
    assertFails(Mode.RELOADS, Rules.IMPATIENT);
  }

  @Test
  void aWorkerThatDoesNotTellWhatItHasDroppedIsNotKnown() {
    assertFails(Mode.ROUGH, Rules.SILENT);
  }

  /** Some life goes wrong by these rules that goes right by ours. */
  private static void assertFails(Mode mode, Rules rules) {
    for (long seed = 1; seed <= 400; seed++) {
      try {
        new ServiceSimulation(seed, mode, rules, 3_000, new TreeMap<>()).run();
      } catch (AssertionError broken) {
        new ServiceSimulation(seed, mode, Rules.OURS, 3_000, new TreeMap<>()).run();
        return;
      }
    }
    fail("these rules are as good as ours");
  }
}
