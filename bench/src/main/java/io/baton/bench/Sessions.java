package io.baton.bench;

import io.baton.bench.Options.Option;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What sessions cost that are only there: 1,000, then 10,000, then as many as are asked for, all
 * opened by other processes and each answering. A process can have 20,000 descriptors where the
 * limit is as usual in containers, so many sessions need many workers, and many clients.
 */
final class Sessions {
  private static final Option SESSIONS = new Option("sessions", 30_000, 1, 2_000_000);
  static final Option WORKERS = new Option("workers", 2, 1, 256);
  static final List<Option> OPTIONS = List.of(SESSIONS, WORKERS);

  private static final List<Integer> STEPS = List.of(1_000, 10_000);
  private static final int EACH_HOLDER = 15_000;
  private static final int ADDRESSES = 200; // of 127.0.x: each has ports of its own

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
  private final List<Holder> holders = new ArrayList<>();
  private final Table table =
      new Table(
          "sessions",
          "opened/s",
          "CPU µs to open",
          "answers/s",
          "CPU µs to answer",
          "p50 µs",
          "p99 µs",
          "heap, bytes each",
          "RSS, bytes each",
          "machine, bytes each");

  private int open;

  Sessions(Path home, Options options) {
    this.home = home;
    sessions = options.get(SESSIONS);
    workers = options.get(WORKERS);
  }

  /** The report. Throws if a session was lost or did not answer. */
  String run() throws IOException, InterruptedException {
    Memory whole;
    try (Tools tools = new Tools(home);
        Server server = Server.start(home, workers, CALM)) {
      ProcessHandle manager = server.manager();
      warmUp(tools, server);
      Memory empty = Memory.of(manager);
      try {
        for (int step : STEPS) {
          if (step < sessions) {
            step(tools, server, step, empty);
          }
        }
        whole = step(tools, server, sessions, empty);
      } finally {
        holders.forEach(Holder::close);
      }
      server.leaveNothing();
    }
    return String.format(
        Locale.ROOT,
        "%n%s%n%,d sessions of %d workers: heap %s, RSS of all the server's processes %s, used on the"
            + " machine %s.%n",
        table.markdown(),
        sessions,
        workers,
        mib(whole.heap()),
        mib(whole.rss()),
        mib(whole.machine()));
  }

  private static String mib(long bytes) {
    return String.format(Locale.ROOT, "%,d MiB", bytes >> 20);
  }

  /** Code that has run before; nothing of it stays open. */
  private static void warmUp(Tools tools, Server server) throws IOException {
    try (Holder holder =
        Holder.start(tools.load("hold", server.echoPort(Lane.LOOP), "127.0.0.1", 10_000))) {
      holder.said();
      for (int i = 0; i < 10; i++) {
        holder.ask();
      }
    }
  }

  private Memory step(Tools tools, Server server, int upTo, Memory empty)
      throws IOException, InterruptedException {
    System.out.printf(Locale.ROOT, "%,d sessions%n", upTo);
    ProcessHandle manager = server.manager();
    int before = open;
    long cpu = Cpu.of(manager).micros();
    double opening = 0;
    while (open < upTo) {
      int n = Math.min(EACH_HOLDER, upTo - open);
      holders.add(
          Holder.start(tools.load("hold", server.echoPort(Lane.LOOP), source(holders.size()), n)));
      opening += holders.getLast().said().seconds();
      open += n;
    }
    long opened = Cpu.of(manager).micros();
    List<Leg> answers = new ArrayList<>();
    for (Holder holder : holders) {
      answers.add(holder.ask());
    }
    long answered = Cpu.of(manager).micros();
    double answering = answers.stream().mapToDouble(Leg::seconds).sum();
    Memory now = Memory.of(manager);
    table.row(
        Table.number(open),
        Table.number((open - before) / opening),
        "%.1f".formatted((double) (opened - cpu) / (open - before)),
        Table.number(open / answering),
        "%.1f".formatted((double) (answered - opened) / open),
        Table.number(Spread.of(answers, Leg::p50Micros).median()),
        Table.number(Spread.of(answers, Leg::p99Micros).greatest()),
        Table.number((double) (now.heap() - empty.heap()) / open),
        Table.number((double) (now.rss() - empty.rss()) / open),
        Table.number((double) (now.machine() - empty.machine()) / open));
    return now;
  }

  private static String source(int holder) {
    return "127.0." + (1 + holder / ADDRESSES) + "." + (1 + holder % ADDRESSES);
  }
}
