package io.baton.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;

/**
 * Times from {@code publish} to the call with the publication, one message at a time: taken in the
 * processes themselves, whose clock is the same, so that no client has a part in them.
 */
final class TopicDelays {
  /** What a client says: its session is to get the messages, or to publish one. */
  static final byte SINK = 's';

  static final byte PUBLISH = 'p';

  /** Of a message; it begins with the time of its publication. */
  static final int SIZE = 64;

  /** Until a subscription is known everywhere. */
  private static final int SETTLE_MS = 500;

  /**
   * Some sessions to compare. The first one publishes, to one in another process if there is any.
   *
   * @param ports where to connect, once for each
   */
  record Contestant(String name, List<Integer> ports) {}

  private record Delay(double p50Micros, double p99Micros) {}

  private final Map<String, List<Delay>> delays = new LinkedHashMap<>();

  /** Forgets what was measured. */
  void clear() {
    delays.clear();
  }

  /** Measures each for some time. */
  void round(List<Contestant> contestants, int forSeconds) throws InterruptedException {
    for (Contestant each : contestants) {
      delays.computeIfAbsent(each.name, _ -> new ArrayList<>()).add(delay(each, forSeconds));
    }
  }

  private static Delay delay(Contestant contestant, int forSeconds) throws InterruptedException {
    try (Audience audience = new Audience(contestant.ports)) {
      int sink =
          IntStream.range(1, audience.size())
              .filter(each -> audience.process(each) != audience.process(0))
              .findFirst()
              .orElse(1);
      audience.say(sink, new byte[] {SINK}, 0);
      Thread.sleep(SETTLE_MS);
      Histogram nanos = new Histogram(3);
      long start = System.nanoTime();
      while (System.nanoTime() - start < forSeconds * 1_000_000_000L) {
        audience.say(0, new byte[] {PUBLISH}, Long.BYTES);
        nanos.recordValue(audience.last(sink).readLong());
      }
      return new Delay(nanos.getValueAtPercentile(50) / 1e3, nanos.getValueAtPercentile(99) / 1e3);
    }
  }

  /**
   * Returns a table.
   *
   * @param measure the contestant that others are compared to; if it is none, there is no such
   *     column
   */
  Table table(String measure) {
    List<Delay> measured = delays.get(measure);
    Table table =
        measured == null
            ? new Table("publish to delivery", "p50 µs", "p99 µs")
            : new Table("publish to delivery", "p50 µs", "p99 µs", "p50 ÷ " + measure);
    delays.forEach((name, its) -> {
      List<String> row = new ArrayList<>(List.of(name));
      row.add(median(its, Delay::p50Micros));
      row.add(median(its, Delay::p99Micros));
      if (measured != null) {
        row.add(Spread.ratio(its, measured, Delay::p50Micros).toString());
      }
      table.row(row.toArray(String[]::new));
    });
    return table;
  }

  private static String median(List<Delay> delays, ToDoubleFunction<Delay> value) {
    return Table.rounded(Spread.of(delays, value).median());
  }
}
