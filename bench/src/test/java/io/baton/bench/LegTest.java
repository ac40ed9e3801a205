package io.baton.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class LegTest {
  @Test
  void whatLoadSaysIsRead() {
    Leg leg =
        Leg.parse(
            "done 31198 failed 2 seconds 2.000 p50 1916.9 p99 6225.9 p999 10092.5 max 14110.0 cpu 10\n",
            new Cpu(15_599, 46_797));

    assertThat(leg)
        .isEqualTo(
            new Leg(31_198, 2, 2, 1916.9, 6225.9, 10_092.5, 14_110, new Cpu(15_599, 46_797)));
    assertThat(leg.perSecond()).isEqualTo(15_599);
    assertThat(leg.cpuEach()).isEqualTo(2);
    assertThat(leg.systemEach()).isEqualTo(1.5);
  }

  @Test
  void whatIsNotLoadsIsRefused() {
    assertThatThrownBy(() -> Leg.parse("load: bind: Address already in use\n", Cpu.NONE))
        .isInstanceOf(BenchException.class)
        .hasMessageContaining("Address already in use");
  }

  @Test
  void aSpreadIsTheMedianAndTheEnds() {
    assertThat(Spread.of(List.of(1.2, 0.9, 1.0))).hasToString("1.00 [0.90 to 1.20]");
    assertThat(Spread.of(List.of(4.0, 1.0, 2.0, 3.0)).median()).isEqualTo(2.5);
  }
}
