package io.baton.manager.top;

import io.baton.log.OneLine;
import io.baton.manager.admin.TextTable;
import io.baton.manager.text.Units;
import io.baton.manager.top.Rates.ListenerRates;
import io.baton.manager.top.Rates.WorkerRates;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The live view as lines of text. */
public final class TopScreen {
  /** The line that says which keys there are. */
  public static final String KEYS =
      "q quit   sort: w slot  b busy  c connections  m messages  i bytes  h heap";

  /** The orders of the workers, each with its key. */
  public enum Order {
    SLOT('w', Comparator.comparingInt(WorkerRates::slot)),
    BUSY('b', Comparator.comparingDouble(WorkerRates::busy).reversed()),
    CONNECTIONS('c', Comparator.comparingLong(WorkerRates::connections).reversed()),
    MESSAGES('m', Comparator.comparingDouble(WorkerRates::messages).reversed()),
    BYTES('i', Comparator.<WorkerRates>comparingDouble(w -> w.bytesIn() + w.bytesOut()).reversed()),
    HEAP('h', Comparator.comparingLong(WorkerRates::heap).reversed());

    private final char key;

    @SuppressWarnings("ImmutableEnumChecker") // it has no state
    private final Comparator<WorkerRates> comparator;

    Order(char key, Comparator<WorkerRates> comparator) {
      this.key = key;
      this.comparator = comparator;
    }

    /** Returns the order with this key; empty if there is none. */
    public static Optional<Order> of(int key) {
      for (Order each : values()) {
        if (each.key == key) {
          return Optional.of(each);
        }
      }
      return Optional.empty();
    }
  }

  private TopScreen() {}

  /** Returns the lines, each at most so wide. */
  public static List<String> lines(Rates rates, Order order, int width) {
    StringBuilder text = new StringBuilder();
    head(rates, text);
    text.append('\n');
    workers(rates, order, text);
    text.append('\n');
    listeners(rates, text);
    return text.toString().lines().map(line -> cut(line, width)).toList();
  }

  private static String cut(String line, int width) {
    return line.length() <= width ? line : line.substring(0, Math.max(0, width));
  }

  private static void head(Rates rates, StringBuilder text) {
    StatusReader status = rates.status();
    StatusReader latency = status.inner("serviceLatencyMillis");
    text.append(
        "%s %s  %s  pid %d  up %s  generation %d%n"
            .formatted(
                OneLine.escaped(status.text("name")),
                status.text("version"),
                status.text("state"),
                status.whole("pid"),
                Units.duration(status.whole("uptimeSeconds") * 1000),
                status.whole("generation")));
    text.append(
        "%s, %s messages/s, %s in/s, %s out/s%nservice latency since the start: p50 %s, p99 %s%n"
            .formatted(
                Units.count(status.inner("totals").whole("connections"), "connection"),
                perSecond(rates.workers().stream().mapToDouble(WorkerRates::messages).sum()),
                bytes(rates.workers().stream().mapToDouble(WorkerRates::bytesIn).sum()),
                bytes(rates.workers().stream().mapToDouble(WorkerRates::bytesOut).sum()),
                Units.nanos(Math.round(latency.number("p50") * 1e6)),
                Units.nanos(Math.round(latency.number("p99") * 1e6))));
  }

  private static void workers(Rates rates, Order order, StringBuilder text) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(
        List.of(
            "WORKER", "PID", "STATE", "BUSY", "CONNS", "MSG/S", "IN/S", "OUT/S", "CPU", "HEAP",
            "RSS", "QUEUE"));
    rates.workers().stream().sorted(order.comparator).forEach(each -> rows.add(row(each)));
    TextTable.append(rows, "lllrrrrrrrrr", text);
  }

  private static List<String> row(WorkerRates worker) {
    return List.of(
        Integer.toString(worker.slot()),
        worker.pid() == 0 ? "-" : Long.toString(worker.pid()),
        worker.state(),
        percent(worker.busy()),
        Units.count(worker.connections()),
        perSecond(worker.messages()),
        bytes(worker.bytesIn()),
        bytes(worker.bytesOut()),
        percent(worker.cpu()),
        Units.bytes(worker.heap()),
        Units.bytes(worker.rss()),
        Units.count(worker.queue()));
  }

  private static void listeners(Rates rates, StringBuilder text) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("LISTENER", "ENDPOINT", "OPEN", "ACCEPTED/S", "REJECTED/S", "STATE"));
    for (ListenerRates each : rates.listeners()) {
      rows.add(
          List.of(
              OneLine.escaped(each.name()),
              OneLine.escaped(each.endpoint()),
              Units.count(each.open()),
              perSecond(each.accepted()),
              perSecond(each.rejected()),
              each.state()));
    }
    TextTable.append(rows, "llrrrl", text);
  }

  private static String percent(double share) {
    return Math.round(share * 100) + "%";
  }

  private static String perSecond(double n) {
    return Units.count(Math.round(n));
  }

  private static String bytes(double n) {
    return Units.bytes(Math.round(n));
  }
}
