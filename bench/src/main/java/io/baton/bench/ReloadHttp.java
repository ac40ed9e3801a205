package io.baton.bench;

import io.baton.bench.Options.Option;
import io.baton.testing.server.Command;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What HTTP clients notice of reloads: wrk with keep-alive connections, alternately without reloads
 * and while {@code bin/reload} runs back to back, so that the machine's moods meet both alike.
 */
final class ReloadHttp {
  private static final Option SECONDS = new Option("seconds", 20, 1, 600);
  private static final Option CONNECTIONS = new Option("connections", 64, 1, 4096);
  static final List<Option> OPTIONS = List.of(SECONDS, CONNECTIONS);

  private static final int WARM_UP_SECONDS = 5;
  private static final int PAIRS = 2;
  private static final Duration WRK_ENDS_WITHIN = Duration.ofSeconds(30);

  private final Path home;
  private final int seconds;
  private final int connections;

  ReloadHttp(Path home, Options options) {
    this.home = home;
    seconds = options.get(SECONDS);
    connections = options.get(CONNECTIONS);
  }

  /** True if no request failed. */
  boolean run() throws IOException, InterruptedException {
    Wrk.need();
    List<Wrk> legs = new ArrayList<>();
    List<Reload> reloads = new ArrayList<>();
    Table table =
        new Table("", "requests/s", "p50 ms", "p99 ms", "max ms", "failed", "reloads", "moves");
    try (Server server = Server.start(home)) {
      leg(server, WARM_UP_SECONDS, null);
      for (int i = 0; i < PAIRS; i++) {
        legs.add(leg(server, seconds, null));
        row(table, "no reload", legs.getLast(), List.of());
        int before = reloads.size();
        legs.add(leg(server, seconds, reloads));
        row(table, "continuous reloads", legs.getLast(), reloads.subList(before, reloads.size()));
      }
      if (failed(legs) == 0) {
        server.leaveNothing();
      }
    }
    System.out.println();
    reloads.forEach(reload -> System.out.println(reload.line()));
    System.out.print("\n" + table);
    System.out.printf(
        "%n%,d requests, %,d failed; %,d reloads, %,d connections closed%n",
        legs.stream().mapToLong(Wrk::requests).sum(),
        failed(legs),
        reloads.size(),
        reloads.stream().mapToLong(Reload::closed).sum());
    return failed(legs) == 0;
  }

  private static long failed(List<Wrk> legs) {
    return legs.stream().mapToLong(Wrk::failed).sum();
  }

  /** Lets wrk run for so long; reloads are done meanwhile if there is a list to add them to. */
  private Wrk leg(Server server, int forSeconds, @Nullable List<Reload> reloads)
      throws IOException, InterruptedException {
    List<String> wrk =
        Wrk.command(home.resolve("bench"), connections, forSeconds, server.hello().toString());
    try (Command running = Command.start(wrk)) {
      while (reloads != null && running.isRunning()) {
        reloads.add(server.reload());
      }
      Duration atMost = Duration.ofSeconds(forSeconds).plus(WRK_ENDS_WITHIN);
      return Wrk.parse(running.await(atMost).orThrow("wrk").out());
    }
  }

  private static void row(Table table, String name, Wrk wrk, List<Reload> reloads) {
    table.row(
        name,
        "%,.0f".formatted(wrk.perSecond()),
        "%,.2f".formatted(wrk.p50Millis()),
        "%,.2f".formatted(wrk.p99Millis()),
        "%,.2f".formatted(wrk.maxMillis()),
        "%,d".formatted(wrk.failed()),
        "%,d".formatted(reloads.size()),
        "%,d".formatted(reloads.stream().mapToLong(reload -> reload.moves().count()).sum()));
  }
}
