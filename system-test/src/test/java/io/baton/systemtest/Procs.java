package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.testing.server.Command;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Other processes, through {@code /proc} and signals. */
final class Procs {
  private static final Path PROC = Path.of("/proc");

  private Procs() {}

  static void signal(String name, long pid) throws IOException, InterruptedException {
    assertThat(pid).as("a process to send SIG%s to", name).isPositive();
    Shell.run("kill", "-" + name, Long.toString(pid));
  }

  /** Stops it and waits until the kernel has stopped all of its threads. */
  static void stop(long pid) throws IOException, InterruptedException {
    signal("STOP", pid);
    Wait.until("process " + pid + " is stopped", () -> isStopped(pid));
  }

  private static boolean isStopped(long pid) throws IOException {
    try (Stream<Path> tasks = Files.list(PROC.resolve(pid + "/task"))) {
      return tasks.allMatch(task -> state(task) == 'T');
    }
  }

  private static char state(Path task) {
    try {
      return stat(task).charAt(0);
    } catch (IOException _) {
      return 'X'; // it has just ended
    }
  }

  /** The scheduling policy of each of its threads, as proc(5) has it in field 41: 3 is batch. */
  static List<Integer> schedulingPolicies(long pid) throws IOException {
    try (Stream<Path> tasks = Files.list(PROC.resolve(pid + "/task"))) {
      return tasks.flatMap(Procs::schedulingPolicy).toList();
    }
  }

  private static Stream<Integer> schedulingPolicy(Path task) {
    try {
      return Stream.of(Integer.valueOf(stat(task).split(" ", 40)[38]));
    } catch (IOException _) {
      return Stream.empty(); // it has just ended
    }
  }

  /** What proc(5) has of a task from field 3 on: behind its name, which may contain anything. */
  private static String stat(Path task) throws IOException {
    String stat = Files.readString(task.resolve("stat"));
    return stat.substring(stat.lastIndexOf(')') + 2);
  }

  /** Whether it exists and is not just waiting to be reaped. */
  static boolean isAlive(long pid) {
    Path process = PROC.resolve(Long.toString(pid));
    return Files.exists(process) && "ZX".indexOf(state(process)) < 0;
  }

  /** All processes whose environment holds this entry. */
  static List<Long> withEnvironment(String entry) throws IOException {
    try (Stream<Path> all = Files.list(PROC)) {
      return all.map(each -> each.getFileName().toString())
          .filter(name -> Character.isDigit(name.charAt(0)))
          .map(Long::valueOf)
          .filter(pid -> isAlive(pid) && hasEnvironment(pid, entry))
          .toList();
    }
  }

  private static boolean hasEnvironment(long pid, String entry) {
    try {
      byte[] bytes = Files.readAllBytes(PROC.resolve(pid + "/environ"));
      return ('\0' + new String(bytes, StandardCharsets.ISO_8859_1)).contains('\0' + entry + '\0');
    } catch (IOException _) {
      return false; // ended, or somebody else's
    }
  }

  static String commandLine(long pid) {
    try {
      return Files.readString(PROC.resolve(pid + "/cmdline"), StandardCharsets.ISO_8859_1)
          .replace('\0', ' ');
    } catch (IOException _) {
      return "(gone)";
    }
  }

  /** Bytes of all objects that are in use in a JVM, after a collection. */
  static long heapInUse(long pid) throws IOException, InterruptedException {
    String jcmd = TestServer.java().resolveSibling("jcmd").toString();
    Command.Result histogram = Shell.run(jcmd, Long.toString(pid), "GC.class_histogram");
    return histogram
        .out()
        .lines()
        .filter(line -> line.startsWith("Total"))
        .mapToLong(line -> Long.parseLong(line.strip().split(" +", -1)[2]))
        .findFirst()
        .orElseThrow(() -> new AssertionError(histogram));
  }

  /**
   * How many descriptors of each kind a process has open: sockets, pidfds, epoll sets, memory
   * files. Jars and other files are left out, for class loading opens them when it likes.
   */
  static Map<String, Long> descriptors(long pid) throws IOException {
    Map<String, Long> kinds = new TreeMap<>();
    try (Stream<Path> all = Files.list(PROC.resolve(pid + "/fd"))) {
      all.map(Procs::kind)
          .filter(kind -> !kind.isEmpty())
          .forEach(k -> kinds.merge(k, 1L, Long::sum));
    }
    return kinds;
  }

  private static String kind(Path descriptor) {
    try {
      String target = Files.readSymbolicLink(descriptor).toString();
      if (target.startsWith("socket:")) {
        return "socket";
      }
      if (target.startsWith("pipe:")) {
        return "pipe";
      }
      return target.startsWith("anon_inode:") || target.startsWith("/memfd:") ? target : "";
    } catch (IOException _) {
      return ""; // closed in between
    }
  }
}
