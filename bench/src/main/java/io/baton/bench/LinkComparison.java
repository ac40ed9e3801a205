package io.baton.bench;

import io.baton.bench.Options.Option;
import io.baton.testing.server.Ports;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.HdrHistogram.Histogram;

/**
 * Link beside gRPC: echoes over sessions that stay open, a server of each with one event loop, in
 * turn; then the heap of Link's idle sessions beside that of raw ones. The clients of both run in
 * this JVM.
 */
final class LinkComparison {
  private static final Option ROUNDS = new Option("rounds", 5, 1, 100);
  private static final Option SECONDS = new Option("seconds", 3, 1, 60);
  private static final Option WARM_UP = new Option("warm-up", 10, 0, 300);
  private static final Option IDLE = new Option("idle", 2_000, 1, 10_000);
  static final List<Option> OPTIONS = List.of(ROUNDS, SECONDS, WARM_UP, IDLE);

  /** Messages per server CPU second, in proportion to gRPC's. */
  private static final double LEAST = 2;

  /** Heap of an idle session, in proportion to a raw one's. */
  private static final double MOST_HEAP = 1.6;

  private static final int SETTLE_MS = 300;
  private static final String LINK = "Link";
  private static final String GRPC = "gRPC";

  /** A server under comparison and its client. */
  private record Contestant(String name, ProcessHandle server, EchoClient client) {}

  private record Key(EchoShape shape, String contestant) {}

  private final Path home;
  private final Turns turns;
  private final int idle;
  private final Legs<Key> legs = new Legs<>();

  LinkComparison(Path home, Options options) {
    this.home = home;
    turns = Turns.of(options, WARM_UP, ROUNDS, SECONDS);
    idle = options.get(IDLE);
  }

  static String listener(int port) {
    return """
    baton.listeners.link {
      endpoint = "tcp://127.0.0.1:%d"
      codec = link
      service = %s
    }
    """
        .formatted(port, EchoLinkModule.SERVICE);
  }

  /** The report. */
  String run() throws IOException, InterruptedException {
    echoes();
    IdleHeap heap = new IdleHeap(home, idle);
    return "\n%s\n%s\n%s".formatted(throughput().markdown(), latency().markdown(), judged())
        + heap(heap.raw(), heap.link());
  }

  private void echoes() throws IOException, InterruptedException {
    int port = Ports.free(1).getFirst();
    try (Tools tools = new Tools(home, Tools.Policy.BATCH);
        Server server = Server.start(home, 1, Lane.LOOP, listener(port))) {
      Peer grpc = tools.grpc(WorkerJvm.of(server));
      List<Contestant> contestants = new ArrayList<>();
      contestants.add(new Contestant(LINK, server.manager(), new LinkEchoClient(port)));
      contestants.add(
          new Contestant(GRPC, grpc.process(), new GrpcEchoClient(grpc.echo().orElseThrow())));
      turns.run(contestants, this::round, legs::clear);
      server.leaveNothing();
    }
  }

  private void round(List<Contestant> contestants, int forSeconds)
      throws IOException, InterruptedException {
    for (EchoShape shape : EchoShape.values()) {
      for (Contestant each : contestants) {
        legs.add(new Key(shape, each.name), leg(each, shape, forSeconds));
      }
    }
  }

  private static Leg leg(Contestant contestant, EchoShape shape, int forSeconds)
      throws IOException, InterruptedException {
    List<EchoLoad> loads = new ArrayList<>();
    List<EchoClient.Session> sessions = new ArrayList<>();
    for (int i = 0; i < shape.sessions(); i++) {
      loads.add(shape.load());
      sessions.add(contestant.client.open(loads.get(i)));
    }
    for (int i = 0; i < shape.sessions(); i++) {
      loads.get(i).begin(sessions.get(i));
    }
    Thread.sleep(SETTLE_MS);
    loads.forEach(EchoLoad::measure);
    Cpu before = Cpu.of(contestant.server);
    long answersBefore = answers(loads);
    long start = System.nanoTime();
    Thread.sleep(1_000L * forSeconds);
    Cpu cpu = Cpu.of(contestant.server).since(before);
    long answers = answers(loads) - answersBefore;
    double took = (System.nanoTime() - start) / 1e9;
    loads.forEach(EchoLoad::stop);
    Histogram nanos = new Histogram(3);
    for (EchoLoad load : loads) {
      nanos.add(load.finish());
    }
    sessions.forEach(EchoClient.Session::close);
    return Leg.of(answers, took, nanos, cpu);
  }

  private static long answers(List<EchoLoad> loads) {
    return loads.stream().mapToLong(EchoLoad::answers).sum();
  }

  private Spread ratio(EchoShape shape, ToDoubleFunction<Leg> value) {
    return legs.ratio(new Key(shape, LINK), new Key(shape, GRPC), value);
  }

  private Table throughput() {
    Table table =
        new Table(
            "messages per server CPU second",
            "Link",
            "gRPC",
            "Link ÷ gRPC",
            "Link, per second",
            "gRPC, per second");
    for (EchoShape shape : EchoShape.values()) {
      table.row(
          shape.text(),
          number(shape, LINK, Leg::perCpuSecond),
          number(shape, GRPC, Leg::perCpuSecond),
          ratio(shape, Leg::perCpuSecond).toString(),
          number(shape, LINK, Leg::perSecond),
          number(shape, GRPC, Leg::perSecond));
    }
    return table;
  }

  private Table latency() {
    Table table =
        new Table(
            "latency, µs",
            "Link p50",
            "gRPC p50",
            "Link ÷ gRPC",
            "Link p99",
            "gRPC p99",
            "Link ÷ gRPC");
    for (EchoShape shape : EchoShape.values()) {
      if (!shape.isPipelined()) {
        table.row(
            shape.text(),
            number(shape, LINK, Leg::p50Micros),
            number(shape, GRPC, Leg::p50Micros),
            ratio(shape, Leg::p50Micros).toString(),
            number(shape, LINK, Leg::p99Micros),
            number(shape, GRPC, Leg::p99Micros),
            ratio(shape, Leg::p99Micros).toString());
      }
    }
    return table;
  }

  private String number(EchoShape shape, String of, ToDoubleFunction<Leg> value) {
    return Table.number(legs.median(new Key(shape, of), value));
  }

  private String judged() {
    StringBuilder text = new StringBuilder();
    for (EchoShape shape : EchoShape.values()) {
      if (shape.isPipelined()) {
        Spread ratio = ratio(shape, Leg::perCpuSecond);
        String aim =
            "%s: messages per server CPU second ≥ %s × gRPC".formatted(shape.text(), LEAST);
        text.append(Aim.judged(aim, ratio.toString(), ratio.median() >= LEAST)).append('\n');
      }
    }
    return text.toString();
  }

  private String heap(double raw, double link) {
    double ratio = link / raw;
    String aim = "heap of an idle session ≤ %s × a raw one's".formatted(MOST_HEAP);
    String found = String.format(Locale.ROOT, "%,.0f bytes ÷ %,.0f bytes = %.2f", link, raw, ratio);
    return Aim.judged(aim, found, ratio <= MOST_HEAP) + "\n";
  }
}
