package io.baton.bench;

import io.baton.bench.Options.Option;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Baton beside other servers, all at the same time, each in its turn. */
final class Compare {
  private static final Option ROUNDS = new Option("rounds", 5, 1, 100);
  private static final Option SECONDS = new Option("seconds", 4, 1, 60);
  private static final Option WARM_UP = new Option("warm-up", 30, 0, 60);
  static final Option BATCH = new Option("batch", 0, 0, 1);
  static final List<Option> OPTIONS = List.of(ROUNDS, SECONDS, WARM_UP, BATCH);

  static final String BATON = "Baton";

  private final Path home;
  private final Turns turns;
  private final Tools.Policy policy;
  private final boolean everybody;

  /**
   * @param everybody not only Baton and those that it is measured by
   */
  Compare(Path home, Options options, boolean everybody) {
    this.home = home;
    this.everybody = everybody;
    turns = Turns.of(options, WARM_UP, ROUNDS, SECONDS);
    policy = options.get(BATCH) == 1 ? Tools.Policy.BATCH : Tools.Policy.USUAL;
  }

  /** What a run found; true if no exchange failed. */
  record Outcome(boolean good, String report, List<BarChart> charts) {}

  Outcome run() throws IOException, InterruptedException {
    Wrk.need();
    Map<Workload, Standings> standings;
    long failed;
    try (Tools tools = new Tools(home, policy);
        Lanes lanes = Lanes.start(home, everybody ? List.of(Lane.values()) : List.of(Lane.LOOP))) {
      standings = new Rounds(tools, peers(tools, lanes)).run(turns);
      failed = Rounds.failed(standings);
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
}
