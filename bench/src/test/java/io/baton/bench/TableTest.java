package io.baton.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TableTest {
  @Test
  void markdownHasColumnsThatAlign() {
    Table table = new Table("", "per second").row("Baton", "1,000").row("C", "2");

    assertThat(table.markdown())
        .isEqualTo(
            """
            |       | per second |
            |-------|-----------:|
            | Baton |      1,000 |
            | C     |          2 |
            """);
  }
}
