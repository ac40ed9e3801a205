package io.baton.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Processor time that the kernel counts for a process and all its descendants.
 *
 * @param userMicros in their own code
 * @param systemMicros in the kernel, on their behalf
 */
record Cpu(long userMicros, long systemMicros) {
  static final Cpu NONE = new Cpu(0, 0);

  /** USER_HZ, which Linux tells user space on every architecture that Baton runs on. */
  private static final long MICROS_PER_TICK = 10_000;

  private static final int UTIME = 11; // of what comes after the name: proc(5) counts from 1 to 14
  private static final int STIME = 12;

  /** So far; of who has ended meanwhile, nothing. */
  static Cpu of(ProcessHandle process) throws IOException {
    Cpu sum = NONE;
    for (long pid : tree(process)) {
      sum = sum.plus(of(pid));
    }
    return sum;
  }

  static List<Long> tree(ProcessHandle process) {
    return Stream.concat(Stream.of(process), process.descendants())
        .map(ProcessHandle::pid)
        .toList();
  }

  private static Cpu of(long pid) throws IOException {
    try {
      return parse(Files.readString(Path.of("/proc/" + pid + "/stat")));
    } catch (NoSuchFileException _) {
      return NONE;
    }
  }

  /** Of a process's {@code stat}, whose name may contain anything. */
  static Cpu parse(String stat) {
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", STIME + 2);
    return new Cpu(
        Long.parseLong(fields[UTIME]) * MICROS_PER_TICK,
        Long.parseLong(fields[STIME]) * MICROS_PER_TICK);
  }

  private Cpu plus(Cpu other) {
    return new Cpu(userMicros + other.userMicros, systemMicros + other.systemMicros);
  }

  /** What came after an earlier look. */
  Cpu since(Cpu earlier) {
    return new Cpu(userMicros - earlier.userMicros, systemMicros - earlier.systemMicros);
  }

  /** Both. */
  long micros() {
    return userMicros + systemMicros;
  }
}
