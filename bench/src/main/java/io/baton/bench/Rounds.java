package io.baton.bench;

import io.baton.testing.server.Command;
import java.io.IOException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** Servers in turn, see {@link Turns}: each does each workload that it offers. */
final class Rounds {
  private static final Duration MARGIN = Duration.ofSeconds(30);

  private final Tools tools;
  private final List<Peer> peers;
  private final Map<Workload, Standings> standings = new EnumMap<>(Workload.class);

  Rounds(Tools tools, List<Peer> peers) {
    this.tools = tools;
    this.peers = List.copyOf(peers);
  }

  /** Returns how they did. */
  Map<Workload, Standings> run(Turns turns) throws IOException, InterruptedException {
    turns.run(peers, this::round, standings::clear);
    return standings;
  }

  /** Exchanges that did not go well. */
  static long failed(Map<Workload, Standings> standings) {
    return standings.values().stream().mapToLong(Standings::failed).sum();
  }

  private void round(List<Peer> inTurn, int forSeconds) throws IOException, InterruptedException {
    for (Workload workload : Workload.values()) {
      for (Peer peer : inTurn) {
        OptionalInt port = workload.port(peer);
        if (port.isPresent()) {
          standings
              .computeIfAbsent(workload, Standings::new)
              .add(peer.name(), leg(workload, peer, port.getAsInt(), forSeconds));
        }
      }
    }
  }

  private Leg leg(Workload workload, Peer peer, int port, int forSeconds)
      throws IOException, InterruptedException {
    int connections = workload.connections();
    List<String> command =
        switch (workload) {
          case CONNECT -> tools.load("connect", port, "127.0.0.1", connections, forSeconds);
          case ECHO -> tools.load("echo", port, "127.0.0.1", connections, forSeconds);
          case HTTP_NEW ->
              Wrk.command(tools.bench(), connections, forSeconds, hello(port), "Connection: close");
          case HTTP_KEEP -> Wrk.command(tools.bench(), connections, forSeconds, hello(port));
          case HTTPS_NEW ->
              Wrk.encrypted(
                  tools.bench(), connections, forSeconds, bytes(port, 64), "Connection: close");
          case HTTPS_64 -> Wrk.encrypted(tools.bench(), connections, forSeconds, bytes(port, 64));
          case HTTPS_1K -> Wrk.encrypted(tools.bench(), connections, forSeconds, bytes(port, 1024));
        };
    Cpu before = Cpu.of(peer.process());
    String said =
        Command.run(command, Duration.ofSeconds(forSeconds).plus(MARGIN))
            .orThrow(peer.name() + ": " + command.getFirst())
            .out();
    Cpu cpu = Cpu.of(peer.process()).since(before);
    return switch (workload) {
      case CONNECT, ECHO -> Leg.parse(said, cpu);
      case HTTP_NEW, HTTP_KEEP, HTTPS_NEW, HTTPS_64, HTTPS_1K -> Leg.of(Wrk.parse(said), cpu);
    };
  }

  private static String hello(int port) {
    return "http://127.0.0.1:" + port + "/hello";
  }

  private static String bytes(int port, int size) {
    return "https://127.0.0.1:" + port + "/" + size;
  }
}
