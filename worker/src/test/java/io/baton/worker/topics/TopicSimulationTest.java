package io.baton.worker.topics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.baton.testing.Nightly;
import io.baton.testing.Seeds;
import io.baton.worker.topics.SubscriptionGraph.Topic;
import io.baton.worker.topics.TopicSimulation.Mode;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class TopicSimulationTest {
  private static final int ALL = 4_096;
  private static final int SHARE = 200;
  private static final int STEPS = Nightly.of(20_000, 3_000);

  @Test
  void everySessionGetsEverythingOnceOrIsToldWhatItMissed() {
    Map<String, Integer> happened = new TreeMap<>();
    for (long seed : Seeds.many(TopicSimulationTest.class, ALL, SHARE).toArray()) {
      Mode mode = mode(seed);
      try {
        new TopicSimulation(seed, mode, STEPS, new Staleness(), happened).run();
      } catch (Throwable e) {
        throw new AssertionError("seed " + seed + ", " + mode + ": " + e.getMessage(), e);
      }
    }
    System.out.println("TopicSimulationTest: " + happened);
    if (!Seeds.isOne()) {
      assertThat(happened)
          .as("all of it has happened: %s", happened)
          .containsKeys(
              "Ended",
              "Forward",
              "Gap",
              "Has",
              "Begun",
              "Passed",
              "Publish",
              "Reset",
              "Synced",
              "Tail",
              "TailDone",
              "Unwant",
              "Want",
              "about",
              "came back",
              "death",
              "delivered",
              "exact",
              "left",
              "missed",
              "not whole",
              "moved",
              "spawn",
              "thawed",
              "too late",
              "whole");
      assertThat(shareOfExact(happened)).isGreaterThan(0.7);
    }
  }

  /** Returns of how many subscriptions it was certain at the end what they were to be told. */
  private static double shareOfExact(Map<String, Integer> happened) {
    double all = 0;
    for (String each : List.of("exact", "about", "unknown", "vague")) {
      all += happened.getOrDefault(each, 0);
    }
    return happened.getOrDefault("exact", 0) / all;
  }

  @Test
  void whatOtherMachinesPublishComesOnceOrIsToldToBeMissed() {
    Map<String, Integer> happened = new TreeMap<>();
    for (long seed : Seeds.many(TopicSimulationTest.class, ALL, SHARE).toArray()) {
      Mode mode = mode(seed);
      try {
        new TopicSimulation(seed, mode, STEPS, new Staleness(), happened, true, true).run();
      } catch (Throwable e) {
        throw new AssertionError("seed " + seed + ", " + mode + ": " + e.getMessage(), e);
      }
    }
    System.out.println("TopicSimulationTest with other machines: " + happened);
    if (!Seeds.isOne()) {
      assertThat(happened)
          .as("all of it has happened: %s", happened)
          .containsKeys("exact", "unknown", "interrupted", "rest", "moved", "came back", "missed");
      assertThat(shareOfExact(happened)).isGreaterThan(0.4);
    }
  }

  @Test
  void aWorkerThatDoesNotWaitForOtherMachinesLosesTheirPublications() {
    for (long seed = 1; seed <= 100; seed++) {
      try {
        new TopicSimulation(seed, Mode.CALM, 3_000, new Staleness(), new TreeMap<>(), true, false)
            .run();
      } catch (AssertionError | IllegalStateException broken) {
        new TopicSimulation(seed, Mode.CALM, 3_000, new Staleness(), new TreeMap<>(), true, true)
            .run();
        return;
      }
    }
    fail("it is as good not to wait");
  }

  private static Mode mode(long seed) {
    return switch ((int) (seed % 4)) {
      case 0 -> Mode.CALM;
      case 1 -> Mode.SLOW;
      case 2 -> Mode.DEATHS;
      default -> Mode.ROUGH;
    };
  }

  @Test
  void aWorkerThatIgnoresEpochsLosesPublications() {
    assertFails(
        new Staleness() {
          @Override
          boolean isOfEarlierWish(Topic topic, int epoch) {
            return false;
          }
        });
  }

  @Test
  void aWorkerThatIgnoresMoveNumbersLosesPublications() {
    assertFails(
        new Staleness() {
          @Override
          boolean isOfEarlierMove(int current, int move) {
            return false;
          }
        });
  }

  @Test
  void aWorkerThatDoesNotTellWhatItHasDroppedLosesPublications() {
    for (long seed = 1; seed <= 100; seed++) {
      TopicSimulation silent =
          new TopicSimulation(seed, Mode.SLOW, 3_000, new Staleness(), new TreeMap<>());
      silent.tellsResets = false;
      try {
        silent.run();
      } catch (AssertionError | IllegalStateException broken) {
        new TopicSimulation(seed, Mode.SLOW, 3_000, new Staleness(), new TreeMap<>()).run();
        return;
      }
    }
    fail("it is as good not to tell");
  }

  /** Some calm life goes wrong by these rules that goes right by ours. */
  private static void assertFails(Staleness rules) {
    for (long seed = 1; seed <= 100; seed++) {
      try {
        new TopicSimulation(seed, Mode.CALM, 3_000, rules, new TreeMap<>()).run();
      } catch (AssertionError | IllegalStateException broken) {
        new TopicSimulation(seed, Mode.CALM, 3_000, new Staleness(), new TreeMap<>()).run();
        return;
      }
    }
    fail("these rules are as good as ours");
  }
}
