package io.baton.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ChartTest {
  @Test
  void everyColumnOfBarsIsDrawnToTheScaleOfItsGreatestValue() {
    BarChart chart = new BarChart("echo", "per second", "µs");
    chart.bar(Compare.BATON, new Spread(2_000, 3_000, 3_000), new Spread(1, 2, 4));
    chart.bar("other", new Spread(1_000, 1_000, 1_000), new Spread(1, 1, 1));

    assertThat(BarChart.svg(List.of(chart)))
        .contains("<rect x=\"130.0\" y=\"47.0\" width=\"240.0\" height=\"16.0\" fill=\"#2563eb\"/>")
        .contains("<rect x=\"450.0\" y=\"47.0\" width=\"120.0\" height=\"16.0\" fill=\"#2563eb\"/>")
        .contains("<rect x=\"450.0\" y=\"71.0\" width=\"60.0\" height=\"16.0\" fill=\"#9ca3af\"/>")
        .contains(">3,000</text>", ">2.0</text>")
        .endsWith("</svg>\n");
  }

  @Test
  void linesRunFromTheLeastNumberToTheGreatestOnALogarithmicScale() {
    LineChart chart =
        new LineChart("bytes", "sessions", List.of(1_000, 10_000, 100_000))
            .line("heap", List.of(500.0, 0.0, 1_000.0));

    assertThat(LineChart.svg(List.of(chart)))
        .contains("<polyline points=\"70.0,157.0 225.0,254.0 380.0,60.0\"");
  }

  @Test
  void aNumberWithoutRoomIsNotWritten() {
    LineChart chart =
        new LineChart("bytes", "sessions", List.of(1_000, 10_000, 12_000))
            .line("machine", List.of(-510.0, 0.0, 1_300.0));

    assertThat(LineChart.svg(List.of(chart)))
        .contains(">1,000</text>", ">12,000</text>", ">-500</text>", ">0</text>")
        .doesNotContain(">10,000</text>");
  }

  @Test
  void ticksAreRoundAndFew() {
    assertThat(LineChart.step(6_000)).isEqualTo(1_000);
    assertThat(LineChart.step(6_001)).isEqualTo(2_000);
    assertThat(LineChart.step(27)).isEqualTo(5);
    assertThat(LineChart.step(1)).isEqualTo(0.2);
  }
}
