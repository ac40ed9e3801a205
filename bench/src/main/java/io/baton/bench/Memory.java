package io.baton.bench;

import io.baton.testing.server.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a server takes, in bytes.
 *
 * @param heap live objects of the workers together
 * @param rss of all its processes together; what they share counts once for each
 * @param machine what the whole machine uses, so also the kernel's sockets, both ends of each
 */
record Memory(long heap, long rss, long machine) {
  private static final Pattern USED = Pattern.compile("total \\d+K, used (\\d+)K"); // a heap's part
  private static final Pattern KB = Pattern.compile(":\\s+(\\d+) kB");
  private static final Duration JCMD = Duration.ofSeconds(60);
  private static final long KIB = 1024;

  /** After a collection in each worker. */
  static Memory of(ProcessHandle manager) throws IOException, InterruptedException {
    long heap = 0;
    for (ProcessHandle worker : manager.children().toList()) {
      jcmd(worker, "GC.run");
      Matcher used = USED.matcher(jcmd(worker, "GC.heap_info"));
      while (used.find()) {
        heap += Long.parseLong(used.group(1)) * KIB;
      }
    }
    long rss = 0;
    for (long pid : Cpu.tree(manager)) {
      rss += field(Path.of("/proc/" + pid + "/status"), "VmRSS");
    }
    Path machine = Path.of("/proc/meminfo");
    return new Memory(heap, rss, field(machine, "MemTotal") - field(machine, "MemAvailable"));
  }

  /** What came on top of an earlier look. */
  Memory since(Memory earlier) {
    return new Memory(heap - earlier.heap, rss - earlier.rss, machine - earlier.machine);
  }

  private static String jcmd(ProcessHandle process, String what)
      throws IOException, InterruptedException {
    String jcmd = System.getProperty("java.home") + "/bin/jcmd";
    return Command.run(List.of(jcmd, "" + process.pid(), what), JCMD).orThrow("jcmd " + what).out();
  }

  private static long field(Path file, String name) throws IOException {
    try {
      for (String line : Files.readAllLines(file)) {
        Matcher value = KB.matcher(line);
        if (line.startsWith(name + ":") && value.find()) {
          return Long.parseLong(value.group(1)) * KIB;
        }
      }
      return 0;
    } catch (NoSuchFileException _) {
      return 0;
    }
  }
}
