package io.baton.worker.load;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** What the process as a whole uses. Event loop only: nothing here waits for a disk. */
final class ProcessProbe {
  private static final long RSS_EVERY_NS = 1_000_000_000;
  private static final String RSS = "VmRSS:";

  private final OperatingSystemMXBean system =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  /** ZGC and Shenandoah report their concurrent cycles as a collector too; these stop nobody. */
  private final List<GarbageCollectorMXBean> collectors =
      ManagementFactory.getGarbageCollectorMXBeans().stream()
          .filter(c -> !c.getName().endsWith("Cycles"))
          .toList();

  private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();

  private final ByteBuffer buffer = ByteBuffer.allocate(4096);
  private final FileChannel status;
  private long rssBytes;
  private long rssAt;

  ProcessProbe() throws IOException {
    status = FileChannel.open(Path.of("/proc/self/status"));
    rssBytes = readRss();
    rssAt = System.nanoTime();
  }

  long heapUsedBytes() {
    Runtime runtime = Runtime.getRuntime();
    return Math.max(0, runtime.totalMemory() - runtime.freeMemory()); // two looks, not one
  }

  int threads() {
    return threads.getThreadCount();
  }

  long cpuNanos() {
    return Math.max(0, system.getProcessCpuTime()); // -1 where it is unknown
  }

  /** As the collectors say it: in whole milliseconds, rounded by each pause. */
  long gcPauseNanos() {
    long ms = 0;
    for (GarbageCollectorMXBean collector : collectors) {
      ms += Math.max(0, collector.getCollectionTime());
    }
    return ms * 1_000_000;
  }

  /** At most a second old: the kernel walks its counters for it. */
  long rssBytes() {
    long now = System.nanoTime();
    if (now - rssAt > RSS_EVERY_NS) {
      rssAt = now;
      try {
        rssBytes = readRss();
      } catch (IOException _) {
        rssBytes = 0; // unknown, and no reason to end anything
      }
    }
    return rssBytes;
  }

  /**
   * From {@code status}, which is in kB; {@code statm} is in pages, whose size Java does not know.
   */
  private long readRss() throws IOException {
    status.read(buffer.clear(), 0);
    String text = new String(buffer.array(), 0, buffer.position(), StandardCharsets.US_ASCII);
    int at = text.indexOf(RSS);
    int unit = text.indexOf(" kB", at);
    if (at < 0 || unit < 0) {
      return 0;
    }
    return Long.parseLong(text.substring(at + RSS.length(), unit).strip()) * 1024;
  }
}
