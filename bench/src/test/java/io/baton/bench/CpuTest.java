package io.baton.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CpuTest {
  @Test
  void timeIsCountedInMicroseconds() throws Exception {
    ProcessHandle ours = ProcessHandle.current();
    long before = Cpu.micros(ours);

    long spins = 0;
    while (Cpu.micros(ours) - before < 30_000) { // three ticks of 10 ms
      spins++;
    }

    // The JVM counts the same, as a process of its own.
    long jvm = ours.info().totalCpuDuration().orElseThrow().toNanos() / 1_000;
    assertThat(Cpu.micros(ours)).isBetween(before + 30_000, jvm + 1_000_000);
    assertThat(spins).isPositive();
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
