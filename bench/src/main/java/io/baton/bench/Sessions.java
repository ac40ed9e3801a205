package io.baton.bench;

import io.baton.bench.Options.Option;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * What sessions cost that are only there: of an echo 1,000, then 10,000, then as many as are asked
 * for; then so many of HTTP and in the other lanes, each kind on a fresh server, because what one
 * that had others keeps of them would be missing in the difference.
 */
final class Sessions {
  private static final Option SESSIONS = new Option("sessions", 30_000, 1, 2_000_000);
  static final Option WORKERS = new Option("workers", 2, 1, 256);
  static final List<Option> OPTIONS = List.of(SESSIONS, WORKERS);

  private static final List<Integer> STEPS = List.of(1_000, 10_000);

  /** Beyond that only the echo is measured: so many workers take minutes to start. */
  private static final int ALL_KINDS = 100_000;

  /** Many JVMs on few cores: nobody is in a hurry, and all of them take the same. */
  private static final String CALM =
      """
      baton {
        listener-defaults.placement = least-connections
        fleet {
          start-timeout = 10m
          hang-timeout = 5m
          ping-interval = 10s
          stall-after = 10s
        }
        worker {
          rehearse = false
          load-interval = 5s
        }
      }
      """;

  private final Path home;
  private final int sessions;
  private final int workers;

  Sessions(Path home, Options options) {
    this.home = home;
    sessions = options.get(SESSIONS);
    workers = options.get(WORKERS);
  }

  /** What a run found; the charts are of the echo. */
  record Outcome(String report, List<LineChart> charts) {}

  /** Throws if a session was lost or did not answer. */
  Outcome run() throws IOException, InterruptedException {
    List<Cost> curve;
    List<Cost> others = new ArrayList<>();
    try (Tools tools = new Tools(home)) {
      List<Integer> steps =
          Stream.concat(STEPS.stream().filter(step -> step < sessions), Stream.of(sessions))
              .toList();
      curve = costs(tools, Idle.ECHO, steps);
      for (Idle idle : Idle.values()) {
        if (idle != Idle.ECHO && sessions <= ALL_KINDS) {
          others.addAll(costs(tools, idle, List.of(sessions)));
        }
      }
    }
    Memory whole = curve.getLast().whole();
    String report =
        String.format(
            Locale.ROOT,
            "%n%s%n%,d sessions of an echo, %d workers: heap %s, RSS of all the server's processes %s,"
                + " used on the machine %s.%n",
            Cost.table(Stream.concat(curve.stream(), others.stream()).toList()).markdown(),
            sessions,
            workers,
            mib(whole.heap()),
            mib(whole.rss()),
            mib(whole.machine()));
    return new Outcome(report, Cost.charts(curve));
  }

  private List<Cost> costs(Tools tools, Idle idle, List<Integer> steps)
      throws IOException, InterruptedException {
    List<Cost> costs = new ArrayList<>();
    try (Server server = Server.start(home, workers, idle.lane(), CALM)) {
      try (Crowd crowd = new Crowd(tools, server, idle)) {
        for (int step : steps) {
          costs.add(crowd.grow(step));
        }
      }
      server.leaveNothing();
    }
    return costs;
  }

  private static String mib(long bytes) {
    return String.format(Locale.ROOT, "%,d MiB", bytes >> 20);
  }
}
