package io.baton.bench;

import io.baton.bench.Options.Option;
import io.baton.testing.server.Command;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.ToDoubleFunction;

/**
 * What a light session notices of a heavy one in the same server, which allocates and computes
 * without an end: in Baton it has a worker of its own, and that worker's garbage collector is
 * nobody else's; in one process all wait for it. Alternately without the heavy session and with it.
 */
final class Neighbours {
  private static final Option ROUNDS = new Option("rounds", 3, 1, 100);
  private static final Option SECONDS = new Option("seconds", 5, 1, 60);
  static final List<Option> OPTIONS = List.of(ROUNDS, SECONDS);

  private static final int LIGHT_SESSIONS = 4;

  /** Until the heavy one is known for its load, and its memory is full. */
  private static final int AHEAD_SECONDS = 4;

  private static final Duration MARGIN = Duration.ofSeconds(30);

  private final Path home;
  private final int rounds;
  private final int seconds;

  Neighbours(Path home, Options options) {
    this.home = home;
    rounds = options.get(ROUNDS);
    seconds = options.get(SECONDS);
  }

  /** The report. */
  String run() throws IOException, InterruptedException {
    Legs<String> legs = new Legs<>();
    try (Tools tools = new Tools(home);
        Server server = Server.start(home)) {
      List<Peer> peers = List.of(server.peer(), tools.netty());
      for (int i = 0; i <= rounds; i++) {
        if (i == 1) {
          legs.clear(); // the first one was for warming up
        }
        for (Peer peer : peers) {
          legs.add(peer.name() + ", alone", light(tools, peer));
          legs.add(peer.name() + ", beside a heavy one", besideAHeavyOne(tools, peer));
        }
      }
      server.leaveNothing();
    }
    Table table = new Table("answers, µs", "p50", "p99", "p99.9", "longest", "per second");
    legs.forEach((name, all) ->
        table.row(
            name,
            median(all, Leg::p50Micros),
            median(all, Leg::p99Micros),
            median(all, Leg::p999Micros),
            median(all, Leg::maxMicros),
            median(all, Leg::perSecond)));
    return "\n" + table.markdown();
  }

  private static String median(List<Leg> legs, ToDoubleFunction<Leg> value) {
    return Table.number(Spread.of(legs, value).median());
  }

  private Leg light(Tools tools, Peer peer) throws IOException, InterruptedException {
    List<String> command =
        tools.load("echo", port(peer.echo()), "127.0.0.1", LIGHT_SESSIONS, seconds);
    String said =
        Command.run(command, Duration.ofSeconds(seconds).plus(MARGIN)).orThrow("load").out();
    return Leg.parse(said, Cpu.NONE);
  }

  private Leg besideAHeavyOne(Tools tools, Peer peer) throws IOException, InterruptedException {
    int whole = AHEAD_SECONDS + seconds + 1;
    List<String> heavy = tools.load("echo", port(peer.burn()), "127.0.0.1", 1, whole);
    try (Command running = Command.start(heavy)) {
      Thread.sleep(Duration.ofSeconds(AHEAD_SECONDS));
      Leg leg = light(tools, peer);
      var _ = running.await(Duration.ofSeconds(whole).plus(MARGIN)).orThrow("the heavy session");
      return leg;
    }
  }

  private static int port(OptionalInt port) {
    return port.orElseThrow(() -> new IllegalArgumentException("a peer that cannot"));
  }
}
