package io.baton.bench;

import io.baton.bench.Options.Option;
import io.baton.testing.server.Ports;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What it costs a server that a client which has lost its connection finds its session again, in
 * whichever worker that is, beside what a new client costs. Both are WebSockets that end with a
 * reset once they have said and heard something; the rounds of both follow each other.
 */
final class Returns {
  private static final Option ROUNDS = new Option("rounds", 5, 1, 100);
  private static final Option SECONDS = new Option("seconds", 3, 1, 60);
  private static final Option WARM_UP = new Option("warm-up", 20, 0, 300);
  private static final Option WORKERS = new Option("workers", 2, 1, 16);
  static final List<Option> OPTIONS = List.of(ROUNDS, SECONDS, WARM_UP, WORKERS);

  private static final int SESSIONS = 64;
  private static final String NEW = "a new client";
  private static final String BACK = "one that comes back";

  private final Path home;
  private final int rounds;
  private final int seconds;
  private final int warmUp;
  private final int workers;

  Returns(Path home, Options options) {
    this.home = home;
    rounds = options.get(ROUNDS);
    seconds = options.get(SECONDS);
    warmUp = options.get(WARM_UP);
    workers = options.get(WORKERS);
  }

  /** Some seconds of one kind of client. */
  private record Part(long clients, Cpu cpu) {
    double micros() {
      return (double) cpu.micros() / clients;
    }

    double systemMicros() {
      return (double) cpu.systemMicros() / clients;
    }
  }

  private interface Turn {
    void run(int number) throws IOException;
  }

  /** The report. */
  String run() throws IOException, InterruptedException {
    int port = Ports.free(1).getFirst();
    Map<String, List<Part>> parts = new LinkedHashMap<>();
    try (Server server = Server.start(home, workers, Lane.LOOP, listener(port))) {
      ProcessHandle manager = server.manager();
      List<ReturningClient> sessions = new ArrayList<>();
      for (int i = 0; i < SESSIONS; i++) {
        sessions.add(ReturningClient.begin(port));
      }
      Turn fresh = _ -> ReturningClient.visit(port);
      Turn back = number -> sessions.get(number % SESSIONS).comeBack();
      for (int i = 0; i <= rounds; i++) {
        int time = i == 0 ? Math.max(1, warmUp / 2) : seconds;
        Part ofNew = part(manager, fresh, time);
        Part ofBack = part(manager, back, time);
        if (i > 0) {
          parts.computeIfAbsent(NEW, _ -> new ArrayList<>()).add(ofNew);
          parts.computeIfAbsent(BACK, _ -> new ArrayList<>()).add(ofBack);
        }
      }
      server.leaveNothing();
    }
    return "\n" + table(parts).markdown();
  }

  private static Part part(ProcessHandle manager, Turn turn, int seconds) throws IOException {
    Cpu before = Cpu.of(manager);
    long end = System.nanoTime() + seconds * 1_000_000_000L;
    int clients = 0;
    while (System.nanoTime() - end < 0) {
      turn.run(clients++);
    }
    return new Part(clients, Cpu.of(manager).since(before));
  }

  private static Table table(Map<String, List<Part>> parts) {
    Table table = new Table("server CPU, µs", "in all", "the kernel's", "÷ the first");
    List<Part> first = parts.values().iterator().next();
    parts.forEach((name, all) ->
        table.row(
            name,
            Table.number(Spread.of(all, Part::micros).median()),
            Table.number(Spread.of(all, Part::systemMicros).median()),
            Spread.ratio(all, first, Part::micros).toString()));
    return table;
  }

  private static String listener(int port) {
    return """
    baton.listeners.returns {
      endpoint = "tcp://127.0.0.1:%d"
      codec = http
      placement = round-robin
      awaits-return = 10m
      routes { "/" = { codec = websocket, service = waiting } }
    }
    """
        .formatted(port);
  }
}
