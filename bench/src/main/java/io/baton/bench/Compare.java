package io.baton.bench;

import io.baton.bench.Options.Option;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Baton beside other servers: in every round each does each workload for some seconds, in turn, so
 * that the machine's moods meet all alike. Ratios are made within a round.
 */
final class Compare {
  private static final Option ROUNDS = new Option("rounds", 5, 1, 100);
  private static final Option SECONDS = new Option("seconds", 4, 1, 60);
  private static final Option WARM_UP = new Option("warm-up", 15, 0, 60);
  static final List<Option> OPTIONS = List.of(ROUNDS, SECONDS, WARM_UP);

  static final String BATON = "Baton";
  private static final Duration MARGIN = Duration.ofSeconds(30);

  private final Path home;
  private final int rounds;
  private final int seconds;
  private final int warmUp;
  private final boolean everybody;

  /** By workload and peer's name, a leg each round. */
  private final Map<Workload, Map<String, List<Leg>>> legs = new EnumMap<>(Workload.class);

  /**
   * @param everybody not only Baton and those that it is measured by
   */
  Compare(Path home, Options options, boolean everybody) {
    this.home = home;
    this.everybody = everybody;
    warmUp = options.get(WARM_UP);
    rounds = options.get(ROUNDS);
    seconds = options.get(SECONDS);
  }

  /** What a run found; true if no exchange failed. */
  record Outcome(boolean good, String report, List<BarChart> charts) {}

  Outcome run() throws IOException, InterruptedException {
    Wrk.need();
    long failed;
    try (Tools tools = new Tools(home);
        Server server = Server.start(home)) {
      List<Peer> peers = peers(tools, server);
      if (warmUp > 0) {
        System.out.println("warming up");
        round(tools, peers, warmUp);
      }
      legs.clear();
      for (int i = 1; i <= rounds; i++) {
        System.out.println("round " + i + " of " + rounds);
        round(tools, peers, seconds);
      }
      failed =
          legs.values().stream()
              .flatMap(each -> each.values().stream())
              .flatMap(List::stream)
              .mapToLong(Leg::failed)
              .sum();
      if (failed == 0) {
        server.leaveNothing();
      }
    }
    StringBuilder report = new StringBuilder();
    for (Workload workload : Workload.values()) {
      report.append("\n### ").append(workload.text()).append("\n\n");
      report.append(table(workload).markdown()).append('\n');
      for (Workload.Target target : workload.targets()) {
        if (!of(workload).containsKey(target.reference())) {
          continue;
        }
        report.append("- ").append(judged(workload, target)).append('\n');
      }
    }
    report.append("\n%,d exchanges failed.%n".formatted(failed));
    return new Outcome(failed == 0, report.toString(), charts());
  }

  private List<Peer> peers(Tools tools, Server server) throws IOException, InterruptedException {
    List<Peer> peers = new ArrayList<>();
    peers.addAll(everybody ? server.peers() : List.of(server.peers().getFirst()));
    peers.add(tools.limit());
    peers.add(tools.nginx());
    if (everybody) {
      peers.add(tools.node());
      peers.add(tools.netty());
    }
    return peers;
  }

  private void round(Tools tools, List<Peer> peers, int forSeconds)
      throws IOException, InterruptedException {
    for (Workload workload : Workload.values()) {
      for (Peer peer : peers) {
        OptionalInt port = workload.port(peer);
        if (port.isPresent()) {
          legs.computeIfAbsent(workload, _ -> new LinkedHashMap<>())
              .computeIfAbsent(peer.name(), _ -> new ArrayList<>())
              .add(leg(tools, workload, peer, port.getAsInt(), forSeconds));
        }
      }
    }
  }

  private static Leg leg(Tools tools, Workload workload, Peer peer, int port, int forSeconds)
      throws IOException, InterruptedException {
    int connections = workload.connections();
    List<String> command =
        switch (workload) {
          case CONNECT -> tools.load("connect", port, "127.0.0.1", connections, forSeconds);
          case ECHO -> tools.load("echo", port, "127.0.0.1", connections, forSeconds);
          case HTTP_NEW ->
              Wrk.command(tools.bench(), connections, forSeconds, hello(port), "Connection: close");
          case HTTP_KEEP -> Wrk.command(tools.bench(), connections, forSeconds, hello(port));
        };
    long before = Cpu.micros(peer.process());
    String said =
        Command.run(command, Duration.ofSeconds(forSeconds).plus(MARGIN))
            .orThrow(peer.name() + ": " + command.getFirst())
            .out();
    long cpu = Cpu.micros(peer.process()) - before;
    return switch (workload) {
      case CONNECT, ECHO -> Leg.parse(said, cpu);
      case HTTP_NEW, HTTP_KEEP -> Leg.of(Wrk.parse(said), cpu);
    };
  }

  private static String hello(int port) {
    return "http://127.0.0.1:" + port + "/hello";
  }

  private Map<String, List<Leg>> of(Workload workload) {
    return legs.getOrDefault(workload, Map.of());
  }

  private Table table(Workload workload) {
    String reference = workload.reference();
    Table table =
        new Table(
            "",
            "per second",
            "p50 µs",
            "p99 µs",
            "p99.9 µs",
            "server CPU µs",
            "rate ÷ " + reference,
            "CPU ÷ " + reference);
    of(workload)
        .forEach((name, mine) ->
            table.row(
                name,
                number(Spread.of(mine, Leg::perSecond)),
                number(Spread.of(mine, Leg::p50Micros)),
                number(Spread.of(mine, Leg::p99Micros)),
                number(Spread.of(mine, Leg::p999Micros)),
                "%.1f".formatted(Spread.of(mine, Leg::cpuEach).median()),
                ratio(workload, name, reference, false).toString(),
                ratio(workload, name, reference, true).toString()));
    return table;
  }

  private static String number(Spread spread) {
    return Table.number(spread.median());
  }

  /** Of one peer to another, in each round. */
  private Spread ratio(Workload workload, String name, String reference, boolean ofCpu) {
    List<Leg> mine = of(workload).getOrDefault(name, List.of());
    List<Leg> theirs = of(workload).getOrDefault(reference, List.of());
    List<Double> ratios = new ArrayList<>();
    for (int i = 0; i < mine.size(); i++) {
      ratios.add(
          ofCpu
              ? mine.get(i).cpuEach() / theirs.get(i).cpuEach()
              : mine.get(i).perSecond() / theirs.get(i).perSecond());
    }
    return Spread.of(ratios);
  }

  private String judged(Workload workload, Workload.Target target) {
    Spread ratio = ratio(workload, BATON, target.reference(), target.ofCpu());
    return target + ": " + ratio + ", " + (target.isReached(ratio.median()) ? "reached" : "missed");
  }

  private List<BarChart> charts() {
    List<BarChart> charts = new ArrayList<>();
    for (Workload workload : Workload.values()) {
      BarChart chart = new BarChart(workload.text(), "server CPU, µs each");
      of(workload).forEach((name, mine) -> chart.bar(name, Spread.of(mine, Leg::cpuEach)));
      charts.add(chart);
    }
    return charts;
  }
}
