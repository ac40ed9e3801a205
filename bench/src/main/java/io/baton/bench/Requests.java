package io.baton.bench;

import io.baton.bench.Options.Option;
import io.baton.testing.server.Command;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What an HTTP request costs a worker between its sockets, in processes that are started as a
 * worker is, in turn with others in which one option is different. It tells a few percent apart,
 * which no comparison through sockets does here.
 */
final class Requests {
  private static final Option FORKS = new Option("forks", 5, 1, 100);
  static final List<Option> OPTIONS = List.of(FORKS);

  private static final Duration AT_MOST = Duration.ofMinutes(2);

  /** By name, what is said to the JVM besides. The first is what the others are compared to. */
  private static final Map<String, List<String>> VARIANTS = variants();

  private final Path home;
  private final int forks;

  Requests(Path home, Options options) {
    this.home = home;
    forks = options.get(FORKS);
  }

  private static Map<String, List<String>> variants() {
    String shallow = "-XX:MaxInlineLevel=15";
    String leaks = "-Dio.netty.leakDetection.level=simple";
    String shared = "-Dio.netty.allocator.lowMemory=true";
    Map<String, List<String>> variants = new LinkedHashMap<>();
    variants.put("as a worker runs", List.of());
    variants.put("calls inlined 15 deep", List.of(shallow));
    variants.put("leaks looked for", List.of(leaks));
    variants.put("buffers of all threads in one pool", List.of(shared));
    variants.put("all three", List.of(shallow, leaks, shared));
    return variants;
  }

  /** The report. */
  String run() throws IOException, InterruptedException {
    Map<String, List<Double>> nanos = new LinkedHashMap<>();
    try (Server server = Server.start(home)) {
      WorkerJvm worker = WorkerJvm.of(server);
      for (int i = 0; i < forks; i++) {
        for (Map.Entry<String, List<String>> variant : VARIANTS.entrySet()) {
          double took = fork(worker, variant.getValue());
          nanos.computeIfAbsent(variant.getKey(), _ -> new ArrayList<>()).add(took);
        }
      }
      server.leaveNothing();
    }
    Table table = new Table("a request, between the sockets", "ns", "÷ the first");
    List<Double> first = nanos.values().iterator().next();
    nanos.forEach((name, all) ->
        table.row(
            name,
            Table.number(Spread.of(all).median()),
            Spread.ratio(all, first, Double::doubleValue).toString()));
    return "\n" + table.markdown();
  }

  private double fork(WorkerJvm worker, List<String> more)
      throws IOException, InterruptedException {
    String said =
        Command.run(worker.command(home, more, RequestLoop.class), AT_MOST)
            .orThrow("a worker's JVM")
            .out();
    return said.lines()
        .reduce((_, last) -> last)
        .map(Double::parseDouble)
        .orElseThrow(() -> new BenchException("a worker's JVM said nothing"));
  }
}
