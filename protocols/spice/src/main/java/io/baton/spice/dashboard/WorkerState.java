package io.baton.spice.dashboard;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** What a worker knows of itself. */
final class WorkerState {
  private static final long MIB = 1024 * 1024;

  private WorkerState() {}

  /**
   * Returns it as lines of text.
   *
   * @param screens open in this worker
   * @param moves how often this one has moved
   */
  static List<String> lines(int screens, int moves) {
    MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
    Duration up = Duration.ofMillis(ManagementFactory.getRuntimeMXBean().getUptime());
    return List.of(
        "Baton, worker with pid %d, up %d s"
            .formatted(ProcessHandle.current().pid(), up.toSeconds()),
        "heap %d of %d MiB".formatted(heap.getUsed() / MIB, heap.getMax() / MIB),
        String.format(
            Locale.ROOT,
            "load %.2f",
            ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage()),
        "screens in this worker: %d; moves of this one: %d".formatted(screens, moves));
  }
}
