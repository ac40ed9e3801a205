package io.baton.bench;

import io.baton.testing.server.Command;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Servers in turn: in every round each does each workload that it offers for some seconds, so that
 * the machine's moods meet all alike. Each round begins with another one, so that nobody always
 * comes after the same.
 */
final class Rounds {
  private static final Duration MARGIN = Duration.ofSeconds(30);

  private final Tools tools;
  private final List<Peer> peers;
  private final Map<Workload, Standings> standings = new EnumMap<>(Workload.class);

  Rounds(Tools tools, List<Peer> peers) {
    this.tools = tools;
    this.peers = new ArrayList<>(peers);
  }

  /**
   * Returns how they did.
   *
   * @param warmUp seconds for each workload in a round that does not count; 0: there is none
   */
  Map<Workload, Standings> run(int warmUp, int rounds, int seconds)
      throws IOException, InterruptedException {
    if (warmUp > 0) {
      System.out.println("warming up");
      round(warmUp);
    }
    standings.clear();
    for (int i = 1; i <= rounds; i++) {
      System.out.println("round " + i + " of " + rounds);
      round(seconds);
      Collections.rotate(peers, -1);
    }
    return standings;
  }

  /** Exchanges that did not go well. */
  static long failed(Map<Workload, Standings> standings) {
    return standings.values().stream().mapToLong(Standings::failed).sum();
  }

  private void round(int forSeconds) throws IOException, InterruptedException {
    for (Workload workload : Workload.values()) {
      for (Peer peer : peers) {
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
