package io.baton.bench;

import io.baton.bench.Options.Option;
import io.baton.testing.server.Command;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Baton beside other servers: in every round each does each workload for some seconds, in turn, so
 * that the machine's moods meet all alike. Each round begins with another one, so that nobody
 * always comes after the same.
 */
final class Compare {
  private static final Option ROUNDS = new Option("rounds", 5, 1, 100);
  private static final Option SECONDS = new Option("seconds", 4, 1, 60);
  private static final Option WARM_UP = new Option("warm-up", 30, 0, 60);
  static final Option BATCH = new Option("batch", 0, 0, 1);
  static final List<Option> OPTIONS = List.of(ROUNDS, SECONDS, WARM_UP, BATCH);

  static final String BATON = "Baton";
  private static final Duration MARGIN = Duration.ofSeconds(30);

  private final Path home;
  private final int rounds;
  private final int seconds;
  private final int warmUp;
  private final Tools.Policy policy;
  private final boolean everybody;

  private final Map<Workload, Standings> standings = new EnumMap<>(Workload.class);

  /**
   * @param everybody not only Baton and those that it is measured by
   */
  Compare(Path home, Options options, boolean everybody) {
    this.home = home;
    this.everybody = everybody;
    warmUp = options.get(WARM_UP);
    rounds = options.get(ROUNDS);
    seconds = options.get(SECONDS);
    policy = options.get(BATCH) == 1 ? Tools.Policy.BATCH : Tools.Policy.USUAL;
  }

  /** What a run found; true if no exchange failed. */
  record Outcome(boolean good, String report, List<BarChart> charts) {}

  Outcome run() throws IOException, InterruptedException {
    Wrk.need();
    long failed;
    try (Tools tools = new Tools(home, policy);
        Lanes lanes = Lanes.start(home, everybody ? List.of(Lane.values()) : List.of(Lane.LOOP))) {
      List<Peer> peers = peers(tools, lanes);
      if (warmUp > 0) {
        System.out.println("warming up");
        round(tools, peers, warmUp);
      }
      standings.clear();
      for (int i = 1; i <= rounds; i++) {
        System.out.println("round " + i + " of " + rounds);
        round(tools, peers, seconds);
        Collections.rotate(peers, -1);
      }
      failed = standings.values().stream().mapToLong(Standings::failed).sum();
      if (failed == 0) {
        lanes.servers.forEach(Server::leaveNothing);
      }
    }
    StringBuilder report = new StringBuilder();
    standings.values().forEach(each -> report.append(each.markdown()));
    report.append("\n%,d exchanges failed.%n".formatted(failed));
    return new Outcome(
        failed == 0, report.toString(), standings.values().stream().map(Standings::chart).toList());
  }

  /** A server for each lane: what one of them does is not compiled for what the others do. */
  private record Lanes(List<Server> servers) implements AutoCloseable {
    static Lanes start(Path home, List<Lane> lanes) throws IOException, InterruptedException {
      List<Server> servers = new ArrayList<>();
      for (Lane lane : lanes) {
        servers.add(Server.start(home, lane)); // if one fails, the others stop as the JVM ends
      }
      return new Lanes(servers);
    }

    @Override
    public void close() {
      servers.forEach(Server::close);
    }
  }

  private List<Peer> peers(Tools tools, Lanes lanes) throws IOException, InterruptedException {
    List<Peer> peers = new ArrayList<>();
    for (Server server : lanes.servers) {
      peers.add(server.peer());
    }
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
          standings
              .computeIfAbsent(workload, Standings::new)
              .add(peer.name(), leg(tools, workload, peer, port.getAsInt(), forSeconds));
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
    Cpu before = Cpu.of(peer.process());
    String said =
        Command.run(command, Duration.ofSeconds(forSeconds).plus(MARGIN))
            .orThrow(peer.name() + ": " + command.getFirst())
            .out();
    Cpu cpu = Cpu.of(peer.process()).since(before);
    return switch (workload) {
      case CONNECT, ECHO -> Leg.parse(said, cpu);
      case HTTP_NEW, HTTP_KEEP -> Leg.of(Wrk.parse(said), cpu);
    };
  }

  private static String hello(int port) {
    return "http://127.0.0.1:" + port + "/hello";
  }
}
