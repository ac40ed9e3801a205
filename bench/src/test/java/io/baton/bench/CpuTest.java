package io.baton.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CpuTest {
  @Test
  void timeIsCountedInMicroseconds() throws Exception {
    ProcessHandle ours = ProcessHandle.current();
    long before = Cpu.of(ours).micros();

    long spins = 0;
    while (Cpu.of(ours).micros() - before < 30_000) { // three ticks of 10 ms
      spins++;
    }

    // The JVM counts the same, as a process of its own.
    long jvm = ours.info().totalCpuDuration().orElseThrow().toNanos() / 1_000;
    assertThat(Cpu.of(ours).micros()).isBetween(before + 30_000, jvm + 1_000_000);
    assertThat(spins).isPositive();
  }

  @Test
  void theKernelsPartIsToldApartWhateverTheNameIs() {
    String stat = "42 (a b) c) S 1 42 42 0 -1 4194560 9 8 7 6 250 120 5 4 20 0 12 0 99";

    assertThat(Cpu.parse(stat)).isEqualTo(new Cpu(2_500_000, 1_200_000));
    assertThat(Cpu.parse(stat).since(new Cpu(500_000, 200_000)))
        .isEqualTo(new Cpu(2_000_000, 1_000_000))
        .extracting(Cpu::micros)
        .isEqualTo(3_000_000L);
  }

  @Test
  void childrenBelongToTheTree() throws Exception {
    Process child = new ProcessBuilder("sleep", "60").start();
    try {
      assertThat(Cpu.tree(ProcessHandle.current()))
          .contains(ProcessHandle.current().pid(), child.pid());
    } finally {
      child.destroyForcibly().waitFor();
    }
  }
}
