package io.baton.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TurnsTest {
  private final List<String> found = new ArrayList<>();

  private void round(List<String> contestants, int forSeconds) {
    found.add(String.join("", contestants) + forSeconds);
  }

  @Test
  void eachRoundBeginsWithAnotherContestantAndTheWarmUpIsForgotten() throws Exception {
    new Turns(9, 4, 2).run(List.of("a", "b", "c"), this::round, found::clear);
    assertThat(found).containsExactly("abc2", "bca2", "cab2", "abc2");
  }

  @Test
  void withoutAWarmUpEveryRoundCounts() throws Exception {
    new Turns(0, 1, 2).run(List.of("a", "b"), this::round, found::clear);
    assertThat(found).containsExactly("ab2");
  }
}
