package io.baton.posix;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * How many descriptors a process has open, and how many it may (RLIMIT_NOFILE), by proc(5).
 *
 * @param open 0 if it is not known
 * @param limit 0 if it is not known
 */
public record DescriptorUse(int open, int limit) {
  public static final DescriptorUse UNKNOWN = new DescriptorUse(0, 0);

  private static final String LIMIT = "Max open files";
  private static final int SOFT = 0;

  /** Looks at a process of the same user; unknown if it is gone. Any thread. */
  public static DescriptorUse of(long pid) {
    Path process = Path.of("/proc", Long.toString(pid));
    try {
      return new DescriptorUse(
          open(process.resolve("fd")), limit(Files.readAllLines(process.resolve("limits"))));
    } catch (IOException _) {
      return UNKNOWN;
    }
  }

  private static int open(Path directory) throws IOException {
    long known = Files.size(directory); // since Linux 6.2; before, it is 0
    if (known > 0) {
      return Math.toIntExact(known);
    }
    try (Stream<Path> each = Files.list(directory)) {
      return Math.toIntExact(each.count());
    }
  }

  static int limit(List<String> limits) {
    return limits.stream()
        .filter(line -> line.startsWith(LIMIT))
        .map(line -> line.substring(LIMIT.length()).strip().split("\\s+", -1)[SOFT])
        .mapToInt(soft -> soft.equals("unlimited") ? Integer.MAX_VALUE : Integer.parseInt(soft))
        .findFirst()
        .orElse(0);
  }
}
