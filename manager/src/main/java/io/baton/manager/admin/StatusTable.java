package io.baton.manager.admin;

import io.baton.manager.fleet.FleetView;
import io.baton.manager.fleet.FleetView.WorkerView;
import io.baton.manager.text.Units;
import io.baton.pipe.Load;
import io.baton.pipe.Load.BrokerState;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The status as a person likes to read it: what {@code bin/status} prints. */
public final class StatusTable {
  /** A callback that runs for longer is shown. */
  private static final long LONG_NANOS = 1_000_000_000;

  private StatusTable() {}

  public static String render(Status status) {
    StringBuilder text = new StringBuilder();
    FleetView fleet = status.fleet();
    text.append(
        "%s %s  %s  pid %d  up %s  generation %d%s%n%n"
            .formatted(
                status.name(),
                status.version(),
                fleet.phase().name().toLowerCase(Locale.ROOT),
                status.pid(),
                Units.duration(status.uptimeMs()),
                fleet.generation(),
                fleet.replacing() == null ? "" : "  (" + fleet.replacing() + ")"));
    for (String problem : status.problems()) {
      text.append("  ! ").append(problem).append("\n\n");
    }
    if (!status.modules().isEmpty()) {
      text.append("modules  ")
          .append(status.modules().stream().map(Object::toString).collect(Collectors.joining(", ")))
          .append("\n\n");
    }
    listeners(status, text);
    ServiceTable.append(status, text);
    workers(fleet, text);
    totals(status, text);
    return text.toString();
  }

  private static void listeners(Status status, StringBuilder text) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(
        List.of(
            "LISTENER",
            "ENDPOINT",
            "SERVES",
            "PLACEMENT",
            "OPEN",
            "ACCEPTED",
            "REFUSED",
            "LIMITED",
            "DENIED",
            "STATE"));
    for (Status.ListenerView listener : status.listeners()) {
      rows.add(
          List.of(
              listener.name(),
              listener.endpoint(),
              listener.codec() + (listener.hasTls() ? " tls " : " ") + listener.service(),
              listener.placement(),
              Units.count(listener.open()),
              Units.count(listener.accepted()),
              Units.count(listener.refused()),
              Units.count(listener.limited()),
              Units.count(listener.denied()),
              listener.state().toLowerCase(Locale.ROOT)));
    }
    TextTable.append(rows, "llllrrrrrl", text);
    for (Status.ListenerView listener : status.listeners()) {
      if (listener.problem() != null) {
        text.append("  ! ").append(listener.problem()).append('\n');
      }
    }
    text.append('\n');
  }

  private static void workers(FleetView fleet, StringBuilder text) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(
        List.of(
            "WORKER",
            "PID",
            "GEN",
            "STATE",
            "CONNS",
            "IN FLIGHT",
            "BUSY",
            "QUEUE",
            "HELD",
            "HEAP",
            "RSS",
            "CPU",
            "TAKEN",
            "MOVED IN",
            "OUT",
            "RESTARTS"));
    for (WorkerView worker : fleet.workers()) {
      Load load = worker.load();
      rows.add(
          List.of(
              Integer.toString(worker.slot()),
              worker.pid() == 0 ? "-" : Integer.toString(worker.pid()),
              Integer.toString(worker.generation()),
              worker.state().toLowerCase(Locale.ROOT),
              Units.count(load.connections()),
              Units.count(load.inFlight()),
              Math.round(load.busyPermille() / 10.0) + "%",
              Units.count(load.queueDepth()),
              held(load.memory()),
              Units.bytes(load.heapUsedBytes()),
              Units.bytes(load.rssBytes()),
              Units.duration(load.cpuNanos() / 1_000_000),
              Units.count(worker.taken()),
              Units.count(load.counters().movedIn()),
              Units.count(load.counters().movedOut()),
              Integer.toString(worker.restarts())));
    }
    TextTable.append(rows, "llrlrrrrrrrrrrrr", text);
    for (WorkerView worker : fleet.workers()) {
      if (worker.problem() != null) {
        text.append("  ! worker ").append(worker.slot()).append(": ").append(worker.problem());
        if (worker.retryInMs() > 0) {
          text.append("; next try in ").append(Units.duration(worker.retryInMs()));
        }
        text.append('\n');
      }
      callback(worker.slot(), "ring", worker.load().callbacks().ringNanos(), text);
      callback(worker.slot(), "virtual", worker.load().callbacks().virtualNanos(), text);
    }
    text.append('\n');
  }

  /** One that takes its time is worth a line. */
  private static void callback(int slot, String lane, long nanos, StringBuilder text) {
    if (nanos >= LONG_NANOS) {
      text.append(
          "    worker %d: a callback in lane %s has been running for %s%n"
              .formatted(slot, lane, Units.duration(nanos / 1_000_000)));
    }
  }

  /** What connections hold in memory, and how much of what they may hold that is. */
  private static String held(Load.Memory memory) {
    return memory.budget() == 0
        ? "-"
        : "%s (%d%%)".formatted(Units.bytes(memory.held()), 100 * memory.held() / memory.budget());
  }

  private static void totals(Status status, StringBuilder text) {
    FleetView.Totals totals = status.fleet().totals();
    Load.Counters counters = totals.counters();
    text.append(
        "%s open, %s taken, %s closed; %s in (%s), %s out (%s); %s%s%n"
            .formatted(
                Units.count(status.connections(), "connection"),
                Units.count(counters.taken()),
                Units.count(counters.closed()),
                Units.count(counters.messagesIn(), "message"),
                Units.bytes(counters.bytesIn()),
                Units.count(counters.messagesOut()),
                Units.bytes(counters.bytesOut()),
                Units.count(counters.errors(), "error"),
                counters.overflowed() == 0
                    ? ""
                    : ", " + Units.count(counters.overflowed(), "session") + " overflowed"));
    if (status.latency().getTotalCount() > 0) {
      text.append(
          "service latency p50 %s, p99 %s, max %s%n"
              .formatted(
                  Units.nanos(status.latency().getValueAtPercentile(50)),
                  Units.nanos(status.latency().getValueAtPercentile(99)),
                  Units.nanos(status.latency().getMaxValue())));
    }
    if (totals.migrated() + totals.returned() + totals.stranded() > 0) {
      text.append(
          "%s migrated to another worker, %s returned, %s stranded; %s%n"
              .formatted(
                  Units.count(totals.migrated(), "connection"),
                  Units.count(totals.returned()),
                  Units.count(totals.stranded()),
                  Units.count(totals.rebalances(), "rebalance")));
    }
    TopicTotals.of(status).append(text);
    broker(status.fleet(), text);
    returns(status, text);
    searches(status.fleet().seeking(), totals.searches(), text);
    if (counters.deniedOrigins() > 0) {
      text.append(
          "%s refused to pages of other origins%n"
              .formatted(Units.count(counters.deniedOrigins(), "WebSocket")));
    }
    if (counters.accessLogDropped() > 0) {
      text.append(
          "%s dropped%n".formatted(Units.count(counters.accessLogDropped(), "access log line")));
    }
    if (counters.unanswered() > 0) {
      text.append(
          "%s not answered in time%n".formatted(Units.count(counters.unanswered(), "request")));
    }
    Load.Handshakes handshakes = counters.handshakes();
    long done = handshakes.full() + handshakes.resumed();
    if (done + handshakes.failed() > 0) {
      text.append(
          "%s done, %s of them resumed, %s failed%n"
              .formatted(
                  Units.count(done, "TLS handshake"),
                  Units.count(handshakes.resumed()),
                  Units.count(handshakes.failed())));
    }
    authentications(status, text);
    Load.Shed shed = counters.shed();
    if (shed.unspooled() > 0) {
      text.append(
          "no room on the disk: %s refused%n".formatted(Units.count(shed.unspooled(), "request")));
    }
    if (shed.heldBack() + shed.refused() + shed.evicted() > 0) {
      text.append(
          "memory was short: %s held back, %s refused, %s ended because of the memory they held%n"
              .formatted(
                  Units.count(shed.heldBack(), "connection"),
                  Units.count(shed.refused(), "message"),
                  Units.count(shed.evicted(), "connection")));
    }
    if (totals.deaths() + totals.replaced() > 0) {
      text.append(
          "%s died, %s with them; %s placed again%n"
              .formatted(
                  Units.count(totals.deaths(), "worker"),
                  Units.count(totals.lost(), "connection"),
                  Units.count(totals.replaced(), "handoff")));
    }
  }

  /** What is exchanged with other machines, if there is to be any. */
  private static void broker(FleetView fleet, StringBuilder text) {
    List<Load.Broker> all =
        fleet.workers().stream()
            .map(worker -> worker.load().mesh().broker())
            .filter(each -> each.state() != BrokerState.OFF)
            .toList();
    if (!all.isEmpty()) {
      text.append(
          "broker: %d of %s connected, %s; %s out, %s in, %s dropped%n"
              .formatted(
                  all.stream().filter(each -> each.state() == BrokerState.UP).count(),
                  Units.count(all.size(), "worker"),
                  Units.count(
                      all.stream().mapToInt(Load.Broker::machines).max().orElse(0),
                      "other machine"),
                  Units.count(all.stream().mapToLong(Load.Broker::published).sum(), "message"),
                  Units.count(all.stream().mapToLong(Load.Broker::received).sum()),
                  Units.count(all.stream().mapToLong(Load.Broker::dropped).sum())));
    }
  }

  private static void returns(Status status, StringBuilder text) {
    Load.Returns returns = status.fleet().totals().counters().returns();
    if (status.away() + returns.lost() + returns.resumed() > 0) {
      text.append(
          "%s away now; %s lost their clients, %s resumed (%s superseded a connection), %s expired, %s displaced%n"
              .formatted(
                  Units.count(status.away(), "session"),
                  Units.count(returns.lost()),
                  Units.count(returns.resumed()),
                  Units.count(returns.superseded()),
                  Units.count(returns.expired()),
                  Units.count(returns.displaced())));
    }
    if (returns.forged() + returns.later() > 0) {
      text.append(
          "%s, %s told to come back later%n"
              .formatted(
                  Units.count(returns.forged(), "forged key"),
                  Units.count(returns.later(), "client")));
    }
  }

  private static void authentications(Status status, StringBuilder text) {
    Load.Authentications all = status.fleet().totals().counters().authentications();
    if (all.begun() == 0) {
      return;
    }
    text.append(
        "%s authenticated, %s had to say who they are, %s forbidden, %s told to try again;"
            .formatted(
                Units.count(all.accepted(), "client"),
                Units.count(all.unauthenticated()),
                Units.count(all.forbidden()),
                Units.count(all.unavailable())));
    text.append(
        " %s, %s timed out, %s waiting; %s beyond max-sessions-per-principal%n"
            .formatted(
                Units.count(all.failed(), "error"),
                Units.count(all.timedOut()),
                Units.count(status.authenticating()),
                Units.count(all.limited())));
  }

  private static void searches(int seeking, FleetView.Searches searches, StringBuilder text) {
    if (searches.sought() > 0) {
      text.append(
          "%s sought on other workers: %s found, %s nowhere, %s unanswered, %s sought now%n"
              .formatted(
                  Units.count(searches.sought(), "session"),
                  Units.count(searches.found()),
                  Units.count(searches.nowhere()),
                  Units.count(searches.unanswered()),
                  Units.count(seeking)));
    }
  }
}
