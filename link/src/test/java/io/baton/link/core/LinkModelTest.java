package io.baton.link.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.testing.Seeds;
import org.junit.jupiter.api.Test;

class LinkModelTest {
  @Test
  void everythingSentArrivesOnceAndInOrderOverCutsMovesAndResumes() {
    LinkModel.Counts counts = new LinkModel.Counts();
    Seeds.many(LinkModelTest.class, 3_000, 250)
        .forEach(seed -> {
          try {
            new LinkModel(seed, counts).run();
          } catch (RuntimeException | AssertionError e) {
            throw new AssertionError("-Dbaton.seed=" + seed, e);
          }
        });
    System.out.printf(
        "%,d messages (%,d long) on %,d channels beside 0, %,d cuts, %,d moves, %,d closed%n",
        counts.messages, counts.long_, counts.channels, counts.cuts, counts.moves, counts.closes);
    System.out.printf(
        "%,d asks, %,d replies, %,d failures, %,d cancelled%n",
        counts.asks, counts.replies, counts.failures, counts.cancels);
    System.out.printf(
        "%,d streams, %,d of sources, %,d failed, %,d stopped (%,d behind END)%n",
        counts.streams, counts.sources, counts.failed, counts.stops, counts.lateStops);
    if (!Seeds.isOne()) {
      assertThat(counts.cuts).isGreaterThan(500);
      assertThat(counts.moves).isGreaterThan(500);
      assertThat(counts.channels).isGreaterThan(500);
      assertThat(counts.replies).isGreaterThan(500);
      assertThat(counts.failures).isGreaterThan(100);
      assertThat(counts.cancels).isGreaterThan(500);
      assertThat(counts.sources).isGreaterThan(300);
      assertThat(counts.failed).isGreaterThan(50);
      assertThat(counts.stops).isGreaterThan(100);
      assertThat(counts.lateStops).isGreaterThan(10);
      assertThat(counts.closes).isGreaterThan(50);
    }
  }
}
