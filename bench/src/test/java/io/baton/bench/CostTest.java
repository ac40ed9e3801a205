package io.baton.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class CostTest {
  @Test
  void memoryIsWhatWasNotThereBeforeDividedByTheSessions() {
    Memory empty = new Memory(1_000_000, 50_000_000, 700_000_000);
    Memory whole = new Memory(2_500_000, 52_000_000, 705_000_000);
    Leg slow = new Leg(600, 0, 0.3, 20, 90, 95, 99, Cpu.NONE);
    Leg fast = new Leg(400, 0, 0.2, 10, 40, 45, 49, Cpu.NONE);
    Cost cost =
        new Cost(
            Idle.HTTP_RING,
            1_000,
            5_000,
            61.24,
            List.of(slow, fast),
            15,
            whole,
            whole.since(empty));

    assertThat(Cost.table(List.of(cost)).toString().lines().toList().get(1).split(" {2,}"))
        .containsExactly(
            "HTTP, ring",
            "1,000",
            "5,000",
            "61.2",
            "2,000",
            "15.0",
            "15",
            "90",
            "1,500",
            "2,000",
            "5,000");
  }
}
