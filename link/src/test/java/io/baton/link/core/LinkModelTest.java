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
        "%,d messages (%,d long), %,d cuts, %,d moves, %,d streams, %,d stopped, %,d closed%n",
        counts.messages,
        counts.long_,
        counts.cuts,
        counts.moves,
        counts.streams,
        counts.stops,
        counts.closes);
    if (!Seeds.isOne()) {
      assertThat(counts.cuts).isGreaterThan(500);
      assertThat(counts.stops).isGreaterThan(100);
      assertThat(counts.closes).isGreaterThan(50);
    }
  }
}
