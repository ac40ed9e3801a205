package io.baton.bench;

import io.baton.bench.Options.Option;
import io.baton.testing.server.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What encrypted messages and handshakes cost a server between its sockets: Baton's, of which
 * BoringSSL does the handshake and Java the records, beside Netty's handler, which leaves both to
 * the same BoringSSL. Each in processes of its own, started in turn.
 */
final class Tls {
  private static final Option FORKS = new Option("forks", 5, 1, 100);
  static final List<Option> OPTIONS = List.of(FORKS);

  private static final Duration AT_MOST = Duration.ofMinutes(5);
  private static final List<String> WHAT =
      List.of("an echo of 64 B", "an echo of 1 KB", "a handshake");

  private final Path home;
  private final int forks;

  Tls(Path home, Options options) {
    this.home = home;
    forks = options.get(FORKS);
  }

  /** The report. */
  String run() throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory("baton-bench");
    try {
      certify(directory);
      List<List<Double>> batons = new ArrayList<>();
      List<List<Double>> nettys = new ArrayList<>();
      for (int i = 0; i < forks; i++) {
        batons.add(fork(TlsLoop.BATON, directory));
        nettys.add(fork(TlsLoop.NETTY, directory));
      }
      return "\n" + table(batons, nettys).markdown();
    } finally {
      for (String file : List.of("chain", "key")) {
        Files.deleteIfExists(directory.resolve(file));
      }
      Files.delete(directory);
    }
  }

  private static void certify(Path directory) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(List.of("openssl", "req", "-x509", "-nodes", "-days", "1"));
    command.addAll(List.of("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"));
    command.addAll(List.of("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"));
    command.addAll(List.of("-out", directory.resolve("chain").toString()));
    command.addAll(List.of("-keyout", directory.resolve("key").toString()));
    var _ = Command.run(command, AT_MOST).orThrow("openssl");
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
  private List<Double> fork(String side, Path directory) throws IOException, InterruptedException {
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
            directory.resolve("chain").toString(),
            directory.resolve("key").toString()));
    String said = Command.run(command, AT_MOST).orThrow("a measured JVM").out();
    return said.lines()
        .reduce((_, last) -> last)
        .map(line -> Arrays.stream(line.split(" ")).map(Double::parseDouble).toList())
        .orElseThrow(() -> new BenchException("a measured JVM said nothing"));
  }
}
