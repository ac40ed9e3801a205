package io.baton.manager.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class NamesTest {
  @Test
  void upToFiveNamesAreListed() {
    assertThat(Names.firstOf(List.of())).isEmpty();
    assertThat(Names.firstOf(List.of("a"))).isEqualTo("a");
    assertThat(Names.firstOf(List.of("a", "b", "c", "d", "e"))).isEqualTo("a, b, c, d, e");
  }

  @Test
  void theNamesBeyondTheFifthAreCounted() {
    assertThat(Names.firstOf(List.of("a", "b", "c", "d", "e", "f")))
        .isEqualTo("a, b, c, d, e and 1 more");
    assertThat(Names.firstOf(Collections.nCopies(5_000, "x")))
        .isEqualTo("x, x, x, x, x and 4,995 more");
  }
}
