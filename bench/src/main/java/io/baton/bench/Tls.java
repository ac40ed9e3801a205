package io.baton.bench;

import io.baton.bench.Options.Option;
import io.baton.testing.server.Command;
import io.baton.testing.server.Ports;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * What encrypted messages and handshakes cost a server. Between its sockets: Baton's, of which
 * BoringSSL does the handshake and Java the records, beside Netty's handler, which leaves both to
 * the same BoringSSL; each in processes of its own, started in turn. Then with sockets: Baton
 * beside plain Netty and nginx.
 */
final class Tls {
  private static final Option FORKS = new Option("forks", 5, 1, 100);
  private static final Option ROUNDS = new Option("rounds", 5, 1, 100);
  private static final Option SECONDS = new Option("seconds", 3, 1, 60);
  private static final Option WARM_UP = new Option("warm-up", 30, 0, 300);
  static final List<Option> OPTIONS = List.of(FORKS, ROUNDS, SECONDS, WARM_UP);

  private static final Duration AT_MOST = Duration.ofMinutes(5);
  private static final List<String> WHAT =
      List.of("an echo of 64 B", "an echo of 1 KB", "a handshake");

  private final Path home;
  private final int forks;
  private final Turns turns;

  Tls(Path home, Options options) {
    this.home = home;
    forks = options.get(FORKS);
    turns = Turns.of(options, WARM_UP, ROUNDS, SECONDS);
  }

  /** The report. */
  String run() throws IOException, InterruptedException {
    Wrk.need();
    try (Certificate certificate = Certificate.make()) {
      List<List<Double>> batons = new ArrayList<>();
      List<List<Double>> nettys = new ArrayList<>();
      for (int i = 0; i < forks; i++) {
        batons.add(fork(TlsLoop.BATON, certificate));
        nettys.add(fork(TlsLoop.NETTY, certificate));
      }
      StringBuilder report = new StringBuilder("\n");
      report.append(table(batons, nettys).markdown());
      servers(certificate).values().forEach(each -> report.append(each.markdown()));
      return report.toString();
    }
  }

  /** Whole servers, of one worker each. */
  private Map<Workload, Standings> servers(Certificate certificate)
      throws IOException, InterruptedException {
    int port = Ports.free(1).getFirst();
    try (Tools tools = new Tools(home, Tools.Policy.BATCH);
        Server server = Server.start(home, 1, Lane.LOOP, listener(port, certificate))) {
      List<Peer> peers =
          List.of(
              Peer.https(Compare.BATON, server.manager(), port),
              tools.nginx(certificate),
              tools.netty(WorkerJvm.of(server), certificate));
      Map<Workload, Standings> standings = new Rounds(tools, peers).run(turns);
      if (Rounds.failed(standings) > 0) {
        throw new BenchException("%,d requests failed".formatted(Rounds.failed(standings)));
      }
      server.leaveNothing();
      return standings;
    }
  }

  private static String listener(int port, Certificate certificate) {
    return """
    baton.listeners.web-tls {
      endpoint = "tcp://127.0.0.1:%d"
      codec = http
      routes { "/64" = answer-64, "/1024" = answer-1024 }
      tls {
        certificates = [{ chain = "%s", key = "%s" }]
        protocols = ["TLSv1.3"]
        tickets = false
      }
    }
    """
        .formatted(port, certificate.chain(), certificate.key());
  }

  private static Table table(List<List<Double>> batons, List<List<Double>> nettys) {
    Table table = new Table("a server's share", "Baton ns", "Netty ns", "Baton ÷ Netty");
    for (int i = 0; i < WHAT.size(); i++) {
      int what = i;
      table.row(
          WHAT.get(i),
          Table.number(Spread.of(batons, each -> each.get(what)).median()),
          Table.number(Spread.of(nettys, each -> each.get(what)).median()),
          Spread.ratio(batons, nettys, each -> each.get(what)).toString());
    }
    return table;
  }

  /** Nanoseconds, as {@link #WHAT} names them. */
  private List<Double> fork(String side, Certificate certificate)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(System.getProperty("java.home") + "/bin/java");
    // As the manager starts a worker.
    command.addAll(
        List.of(
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "--add-opens=java.base/java.nio=ALL-UNNAMED",
            "-Dio.netty.tryReflectionSetAccessible=true",
            "-Dio.netty.leakDetection.level=disabled",
            "-XX:+UseSerialGC",
            "-XX:+UseCompactObjectHeaders",
            "-Djava.library.path=" + home.resolve("lib/worker"),
            "-Dlogback.configurationFile=" + home.resolve("conf/logback.xml"),
            "-cp",
            home.resolve("lib/worker") + "/*:" + home.resolve("bench/target/baton-bench.jar"),
            TlsLoop.class.getName(),
            side,
            certificate.chain().toString(),
            certificate.key().toString()));
    String said = Command.run(command, AT_MOST).orThrow("a measured JVM").out();
    return said.lines()
        .reduce((_, last) -> last)
        .map(line -> Arrays.stream(line.split(" ")).map(Double::parseDouble).toList())
        .orElseThrow(() -> new BenchException("a measured JVM said nothing"));
  }
}
