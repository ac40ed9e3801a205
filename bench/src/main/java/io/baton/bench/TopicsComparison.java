package io.baton.bench;

import io.baton.bench.Options.Option;
import io.baton.testing.server.Ports;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;

/**
 * Topics: a message to a crowd, beside Netty's group of channels in one process; and messages from
 * sessions to others within a worker, across two, and across two servers over NATS, beside the NATS
 * client by itself. Each has an event loop in each of its processes. The clients are in this JVM.
 */
final class TopicsComparison {
  private static final Option ROUNDS = new Option("rounds", 5, 1, 100);
  private static final Option SECONDS = new Option("seconds", 3, 1, 60);
  private static final Option WARM_UP = new Option("warm-up", 10, 1, 300);
  private static final Option CROWD = new Option("crowd", 10_000, 2, 10_000);
  static final List<Option> OPTIONS = List.of(ROUNDS, SECONDS, WARM_UP, CROWD);

  /** CPU of a delivery, in proportion to that of Netty's group. */
  private static final double MOST = 1.2;

  /** Messages from worker to worker within a second. */
  private static final double LEAST = 200_000;

  private static final String GROUP = "Netty's group";
  private static final String WITHIN = "Baton, one worker";
  private static final String ACROSS = "Baton, two workers";
  private static final String OVER_NATS = "Baton, two servers over NATS";
  private static final String JNATS = "jnats";
  private static final int SIZE = 64;
  private static final int STREAMS = 16;

  /** Until a subscription is known to the other worker. */
  private static final int SETTLE_MS = 500;

  /** A server under comparison. */
  private record Contestant(String name, ProcessHandle server, int crowd) {}

  private record Key(int crowd, String contestant) {}

  private final Path home;
  private final Turns turns;
  private final List<Integer> crowds;
  private final Legs<Key> legs = new Legs<>();
  private final Legs<String> poured = new Legs<>();

  /** The table of times from publication to delivery. */
  private String delivered = "";

  TopicsComparison(Path home, Options options) {
    this.home = home;
    turns = Turns.of(options, WARM_UP, ROUNDS, SECONDS);
    crowds =
        IntStream.of(2, 100, options.get(CROWD)).distinct().boxed().collect(Collectors.toList());
  }

  private static String listeners(int crowd, int pour, int delays) {
    return listener(TopicsModule.CROWD, crowd)
        + listener(TopicsModule.POUR, pour)
        + listener(TopicsModule.DELAYS, delays);
  }

  private static String listener(String service, int port) {
    return "baton.listeners.%s { endpoint = \"tcp://127.0.0.1:%d\", codec = raw, service = %s }%n"
        .formatted(service, port, service);
  }

  /** The report. */
  String run() throws IOException, InterruptedException {
    List<Integer> ports = Ports.free(6);
    try (Tools tools = new Tools(home, Tools.Policy.BATCH);
        Server one =
            Server.start(home, 1, Lane.LOOP, listeners(ports.get(0), ports.get(1), ports.get(4)));
        Server two =
            Server.start(home, 2, Lane.LOOP, listeners(ports.get(2), ports.get(3), ports.get(5)))) {
      Peer group = tools.nettyGroup(WorkerJvm.of(one));
      List<Contestant> contestants = new ArrayList<>();
      contestants.add(new Contestant(GROUP, group.process(), group.echo().orElseThrow()));
      contestants.add(new Contestant(WITHIN, one.manager(), ports.get(0)));
      contestants.add(new Contestant(ACROSS, two.manager(), ports.get(2)));
      turns.run(contestants, this::round, legs::clear);
      System.out.println("from session to session");
      for (int i = 0; i <= turns.rounds(); i++) {
        pour(WITHIN, one, ports.get(1), i == 0);
        pour(ACROSS, two, ports.get(3), i == 0);
      }
      System.out.println("publish to delivery");
      delays(tools, one, ports.get(4), ports.get(5));
      one.leaveNothing();
      two.leaveNothing();
    }
    return report();
  }

  private void round(List<Contestant> contestants, int forSeconds)
      throws IOException, InterruptedException {
    for (int crowd : crowds) {
      for (Contestant each : contestants) {
        legs.add(new Key(crowd, each.name), crowd(each, crowd, forSeconds));
      }
    }
  }

  /** One message after the other, each as soon as all have got the one before. */
  private static Leg crowd(Contestant contestant, int size, int forSeconds)
      throws IOException, InterruptedException {
    try (Audience audience = new Audience(contestant.crowd, size)) {
      Thread.sleep(SETTLE_MS);
      byte[] message = new byte[SIZE];
      Histogram nanos = new Histogram(3);
      Cpu before = Cpu.of(contestant.server);
      long start = System.nanoTime();
      long now = start;
      long said = 0;
      while (now - start < forSeconds * 1_000_000_000L) {
        audience.say((int) (said % size), message, (long) size * SIZE);
        long then = now;
        now = System.nanoTime();
        nanos.recordValue(now - then);
        said++;
      }
      Cpu cpu = Cpu.of(contestant.server).since(before);
      return Leg.of(said * size, (now - start) / 1e9, nanos, cpu);
    }
  }

  /** Streams from sessions of one worker to those of another one, or the same. */
  private void pour(String name, Server server, int port, boolean warmsUp)
      throws IOException, InterruptedException {
    try (Audience audience = new Audience(port, 2 * STREAMS)) {
      List<Integer> sources = new ArrayList<>();
      List<Integer> sinks = new ArrayList<>();
      long process = audience.process(0);
      for (int i = 0; i < audience.size(); i++) {
        boolean first = name.equals(WITHIN) ? i % 2 == 0 : audience.process(i) == process;
        (first ? sources : sinks).add(i);
      }
      int streams = Math.min(sources.size(), sinks.size());
      for (int i = 0; i < streams; i++) {
        audience.say(sinks.get(i), new byte[] {Pour.SINK, (byte) i}, 0);
      }
      Thread.sleep(SETTLE_MS);
      for (int i = 0; i < streams; i++) {
        audience.say(sources.get(i), new byte[] {Pour.SOURCE, (byte) i}, 0);
      }
      Thread.sleep(SETTLE_MS);
      Cpu cpuBefore = Cpu.of(server.manager());
      Counts before = Counts.of(audience, sinks);
      long start = System.nanoTime();
      Thread.sleep(1_000L * (warmsUp ? turns.warmUp() : turns.seconds()));
      Counts after = Counts.of(audience, sinks);
      double took = (System.nanoTime() - start) / 1e9;
      Cpu cpu = Cpu.of(server.manager()).since(cpuBefore);
      if (after.missed > 0) {
        throw new BenchException(name + ": messages were missed: " + after.missed);
      }
      if (!warmsUp) {
        poured.add(name, Leg.of(after.got - before.got, took, new Histogram(3), cpu));
      }
    }
  }

  /** Within a worker, across two, and across two servers, if there is what connects these. */
  private void delays(Tools tools, Server one, int within, int across)
      throws IOException, InterruptedException {
    List<TopicDelays.Contestant> contestants = new ArrayList<>();
    contestants.add(new TopicDelays.Contestant(WITHIN, List.of(within, within)));
    contestants.add(new TopicDelays.Contestant(ACROSS, Collections.nCopies(STREAMS, across)));
    if (!Tools.has(Tools.NATS_SERVER)) {
      System.out.println("there is no nats-server: nothing is measured over NATS");
      measure(contestants);
      return;
    }
    String url = "nats://127.0.0.1:" + tools.natsServer();
    List<Integer> ports = Ports.free(2);
    Peer pair = tools.natsPair(WorkerJvm.of(one), url);
    try (Server left = overNats(url, ports.get(0));
        Server right = overNats(url, ports.get(1))) {
      int jnats = pair.echo().orElseThrow();
      contestants.add(new TopicDelays.Contestant(OVER_NATS, ports));
      contestants.add(new TopicDelays.Contestant(JNATS, List.of(jnats, jnats)));
      measure(contestants);
      left.leaveNothing();
      right.leaveNothing();
    }
  }

  private Server overNats(String url, int port) throws IOException, InterruptedException {
    String broker = "baton.cluster.broker = \"%s\"%n".formatted(url);
    return Server.start(home, 1, Lane.LOOP, broker + listener(TopicsModule.DELAYS, port));
  }

  private void measure(List<TopicDelays.Contestant> contestants)
      throws IOException, InterruptedException {
    TopicDelays delays = new TopicDelays();
    turns.run(contestants, delays::round, delays::clear);
    delivered = delays.table(JNATS).markdown();
  }

  /** What the receiving sessions say. */
  private record Counts(long got, long missed) {
    static Counts of(Audience audience, List<Integer> sinks) throws InterruptedException {
      long got = 0;
      long missed = 0;
      for (int sink : sinks) {
        audience.say(sink, new byte[] {Pour.COUNT}, 2 * Long.BYTES);
        ByteBuf said = audience.last(sink);
        got += said.readLong();
        missed += said.readLong();
      }
      return new Counts(got, missed);
    }
  }

  // ---- the report ----

  private static String median(List<Leg> legs, ToDoubleFunction<Leg> value) {
    return Table.rounded(Spread.of(legs, value).median());
  }

  private String report() {
    StringBuilder text = new StringBuilder();
    for (int crowd : crowds) {
      Table table =
          new Table(
              "a message to %,d".formatted(crowd),
              "CPU µs of a delivery",
              "÷ " + GROUP,
              "deliveries per second",
              "p50 µs",
              "p99 µs");
      for (String name : List.of(GROUP, WITHIN, ACROSS)) {
        Key its = new Key(crowd, name);
        table.row(
            name,
            median(legs.of(its), Leg::cpuEach),
            legs.ratio(its, new Key(crowd, GROUP), Leg::cpuEach).toString(),
            median(legs.of(its), Leg::perSecond),
            median(legs.of(its), Leg::p50Micros),
            median(legs.of(its), Leg::p99Micros));
      }
      text.append('\n').append(table.markdown());
    }
    Table streams = new Table("session to session", "messages per second", "CPU µs of a message");
    poured.forEach(
        (name, its) -> streams.row(name, median(its, Leg::perSecond), median(its, Leg::cpuEach)));
    text.append('\n').append(streams.markdown());
    text.append('\n').append(delivered);
    int crowd = crowds.getLast();
    Spread ratio = legs.ratio(new Key(crowd, WITHIN), new Key(crowd, GROUP), Leg::cpuEach);
    double across = poured.median(ACROSS, Leg::perSecond);
    String cpu = "CPU of a delivery to one of %,d ≤ %s × that of %s".formatted(crowd, MOST, GROUP);
    String rate = "messages across workers ≥ %,.0f per second".formatted(LEAST);
    text.append('\n')
        .append(Aim.judged(cpu, ratio.toString(), ratio.median() <= MOST))
        .append('\n')
        .append(Aim.judged(rate, Table.number(across), across >= LEAST))
        .append('\n');
    return text.toString();
  }
}
