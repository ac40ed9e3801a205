package io.baton.bench;

import io.baton.bench.Options.Option;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;

/**
 * What clients notice of reloads: WebSocket sessions that say little, probed all the time, first
 * without reloads and then while {@code bin/reload} runs again and again.
 *
 * <p>One half of the probes goes round all sessions. A single one gets few of them and would mostly
 * not be asking in the moment it moves; therefore the other half goes to a few <em>watched</em>
 * sessions, whose longest answer of a reload is close to the time they were not served.
 */
final class Migration {
  private static final Option CONNECTIONS = new Option("connections", 1000, 1, 15_000);
  private static final Option RELOADS = new Option("reloads", 5, 1, 100);
  private static final Option RATE = new Option("rate", 2000, 2, 20_000);
  private static final Option WATCHED = new Option("watched", 10, 1, 1000);
  static final List<Option> OPTIONS = List.of(CONNECTIONS, RELOADS, RATE, WATCHED);

  private static final int WARM_UP_MS = 5_000;
  private static final int WITHOUT_MS = 2_000;

  private final Path home;
  private final int connections;
  private final int reloads;
  private final int rate;
  private final List<Integer> all;
  private final List<Integer> watched;

  Migration(Path home, Options options) {
    this.home = home;
    connections = options.get(CONNECTIONS);
    reloads = options.get(RELOADS);
    rate = options.get(RATE);
    all = IntStream.range(0, connections).boxed().toList();
    // Spread over all, so that they are on every worker.
    int some = Math.min(connections, options.get(WATCHED));
    watched = IntStream.range(0, some).mapToObj(i -> i * connections / some).toList();
  }

  /** True if no session was lost. */
  boolean run() throws IOException, InterruptedException {
    try (Server server = Server.start(home);
        Clients clients = new Clients(server.echo(), connections)) {
      long began = System.nanoTime();
      clients.open();
      System.out.printf(
          "%,d WebSocket sessions opened in %.1f s%n%n",
          connections, (System.nanoTime() - began) / 1e9);
      clients.probe(all, rate / 2);
      clients.probe(watched, rate / 2);
      TimeUnit.MILLISECONDS.sleep(WARM_UP_MS);

      List<Window> without = new ArrayList<>();
      for (int i = 0; i < reloads; i++) {
        without.add(clients.beginWindow());
        TimeUnit.MILLISECONDS.sleep(WITHOUT_MS);
      }
      List<Window> during = new ArrayList<>();
      List<Reload> done = new ArrayList<>();
      for (int i = 0; i < reloads; i++) {
        during.add(clients.beginWindow());
        Reload reload = server.reload();
        done.add(reload);
        System.out.println(reload.line() + "  [" + reload.moves() + "]");
      }
      clients.beginWindow(); // what comes now is neither
      clients.finish();

      System.out.println();
      System.out.print(table(without, during));
      boolean well = verdict(clients, done);
      if (well) {
        server.leaveNothing();
      }
      return well;
    }
  }

  private Table table(List<Window> without, List<Window> during) {
    Table table = new Table("ms", "count", "p50", "p99", "max");
    table.row("answer, no reload", sum(without.stream().map(w -> w.answersNanos)));
    table.row("answer, during reloads", sum(during.stream().map(w -> w.answersNanos)));
    table.row("longest answer per session and 2 s, no reload", longest(without, all));
    table.row("longest answer per session and reload", longest(during, all));
    table.row("the same, watched sessions, no reload", longest(without, watched));
    table.row("the same, watched sessions, during reloads", longest(during, watched));
    table.row("probe sent late, no reload", sum(without.stream().map(w -> w.latenessNanos)));
    table.row("probe sent late, during reloads", sum(during.stream().map(w -> w.latenessNanos)));
    return table;
  }

  private static Histogram sum(Stream<Histogram> parts) {
    Histogram sum = new Histogram(3);
    parts.forEach(sum::add);
    return sum;
  }

  /** How long each of these sessions waited at most, in each window in which it was probed. */
  private static Histogram longest(List<Window> windows, List<Integer> sessions) {
    Histogram longest = new Histogram(3);
    for (Window window : windows) {
      sessions.stream()
          .map(window::longestNanos)
          .filter(nanos -> nanos > 0)
          .forEach(longest::recordValue);
    }
    return longest;
  }

  private static boolean verdict(Clients clients, List<Reload> done) throws InterruptedException {
    int lost = clients.lost();
    long closed = done.stream().mapToLong(Reload::closed).sum();
    long moved = done.stream().mapToLong(reload -> reload.moves().count()).sum();
    double seconds = done.stream().mapToDouble(reload -> reload.moves().seconds()).sum();
    System.out.printf(
        "%n%,d reloads, %,d moves%s; %,d sessions lost, %,d closed by the server's own count%n",
        done.size(),
        moved,
        moved == 0 ? "" : ", %,.0f/s while moving".formatted(moved / seconds),
        lost,
        closed);
    clients.complaints().forEach(complaint -> System.out.println("  " + complaint));
    return lost == 0 && closed == 0;
  }
}
