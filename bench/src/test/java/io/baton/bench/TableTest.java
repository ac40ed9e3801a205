package io.baton.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
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

  @Test
  void aChartIsDrawnToTheScaleOfItsGreatestValue() {
    BarChart chart = new BarChart("echo", "µs");
    chart.bar(Compare.BATON, new Spread(1, 2, 4));
    chart.bar("other", new Spread(1, 1, 1));

    assertThat(BarChart.svg(List.of(chart)))
        .contains("width=\"260.0\" height=\"16\" fill=\"#2563eb\"") // 2 of 4, of 520 pixels
        .contains("width=\"130.0\" height=\"16\" fill=\"#9ca3af\"")
        .endsWith("</svg>\n");
  }
}
