package io.baton.manager.process;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The part of the manager's environment that workers get: what JVMs, shells and the C library read,
 * and what the configuration names. The rest may hold secrets that services have no use for.
 *
 * @param entries {@code NAME=value} each
 * @param withheld names of the variables that workers do not get, in their order
 */
public record WorkerEnvironment(List<String> entries, List<String> withheld) {
  /** What every worker gets, if the manager has it. */
  static final List<String> USUAL =
      List.of(
          "PATH",
          "HOME",
          "USER",
          "LOGNAME",
          "SHELL",
          "LANG",
          "LANGUAGE",
          "LC_*",
          "TZ",
          "TZDIR",
          "TMPDIR",
          "JAVA_HOME",
          "JAVA_TOOL_OPTIONS",
          "JDK_JAVA_OPTIONS",
          "LD_LIBRARY_PATH",
          "LD_PRELOAD",
          "MALLOC_*",
          "GLIBC_TUNABLES");

  /**
   * What no worker gets, even with {@code *}: what the service manager says to the manager alone. A
   * worker that followed it would report the whole server ready, or take its descriptors.
   */
  static final Set<String> MANAGERS_OWN =
      Set.of(
          "NOTIFY_SOCKET",
          "LISTEN_PID",
          "LISTEN_FDS",
          "LISTEN_FDNAMES",
          "LISTEN_PIDFDID",
          "WATCHDOG_PID",
          "WATCHDOG_USEC",
          "MAINPID",
          "MANAGERPID");

  /** Names that the log has at most. */
  private static final int MAX_NAMES = 20;

  public WorkerEnvironment {
    entries = List.copyOf(entries);
    withheld = List.copyOf(withheld);
  }

  /**
   * Picks.
   *
   * @param all the manager's environment
   * @param allowed names beside the usual ones; one that ends with {@code *} stands for all that
   *     begin so
   */
  static WorkerEnvironment of(Map<String, String> all, List<String> allowed) {
    List<String> entries = new ArrayList<>();
    List<String> withheld = new ArrayList<>();
    new TreeMap<>(all)
        .forEach((name, value) -> {
          if (!MANAGERS_OWN.contains(name) && (isIn(USUAL, name) || isIn(allowed, name))) {
            entries.add(name + "=" + value);
          } else {
            withheld.add(name);
          }
        });
    return new WorkerEnvironment(entries, withheld);
  }

  private static boolean isIn(List<String> patterns, String name) {
    return patterns.stream().anyMatch(pattern -> fits(pattern, name));
  }

  private static boolean fits(String pattern, String name) {
    return pattern.endsWith("*")
        ? name.startsWith(pattern.substring(0, pattern.length() - 1))
        : name.equals(pattern);
  }

  /** Says, for the log, which variables the workers do not get; never what they are. */
  public String describe() {
    if (withheld.isEmpty()) {
      return "workers get the whole environment";
    }
    String more =
        withheld.size() > MAX_NAMES ? " and " + (withheld.size() - MAX_NAMES) + " more" : "";
    return "workers get %d of the %d variables of the environment, without %s%s (worker.environment adds to them)"
        .formatted(
            entries.size(),
            entries.size() + withheld.size(),
            String.join(", ", withheld.subList(0, Math.min(MAX_NAMES, withheld.size()))),
            more);
  }
}
