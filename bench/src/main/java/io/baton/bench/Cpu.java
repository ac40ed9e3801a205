package io.baton.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What the kernel counts for a process and all its descendants. */
final class Cpu {
  /** USER_HZ, which Linux tells user space on every architecture that Baton runs on. */
  private static final long MICROS_PER_TICK = 10_000;

  private static final int UTIME = 11; // of what comes after the name: proc(5) counts from 1 to 14
  private static final int STIME = 12;

  private Cpu() {}

  /** User and system time so far, in microseconds; of who has ended meanwhile, nothing. */
  static long micros(ProcessHandle process) throws IOException {
    long ticks = 0;
    for (long pid : tree(process)) {
      ticks += ticks(pid);
    }
    return ticks * MICROS_PER_TICK;
  }

  static List<Long> tree(ProcessHandle process) {
    return Stream.concat(Stream.of(process), process.descendants())
        .map(ProcessHandle::pid)
        .toList();
  }

  private static long ticks(long pid) throws IOException {
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", STIME + 2);
      return Long.parseLong(fields[UTIME]) + Long.parseLong(fields[STIME]);
    } catch (NoSuchFileException _) {
      return 0;
    }
  }
}
