package io.baton.manager.admin;

import io.baton.log.OneLine;
import io.baton.manager.text.Units;
import io.baton.pipe.ServiceSessions;
import io.baton.pipe.SessionCounts;
import java.util.ArrayList;
import java.util.List;

/** The part of the status table that shows sessions by service. */
final class ServiceTable {
  /** Most services of a listener that are shown. */
  private static final int MAX_ROWS = 5;

  private ServiceTable() {}

  /**
   * Appends the services with most sessions of each listener that has several; nothing if no
   * listener does.
   */
  static void append(Status status, StringBuilder text) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("LISTENER", "SESSIONS", "AWAY", "HELD", "STREAMS", "ASKS", "SERVICE"));
    for (Status.ListenerView listener : status.listeners()) {
      if (listener.hasNamedServices()) {
        rows(listener, rows);
      }
    }
    if (!status.unlisted().isNone()) {
      rows.add(row("", status.unlisted(), "(services with too few sessions to be listed)"));
    }
    if (rows.size() > 1) {
      TextTable.append(rows, "lrrrrrl", text);
      text.append('\n');
    }
  }

  private static void rows(Status.ListenerView listener, List<List<String>> rows) {
    List<ServiceSessions> services = listener.services();
    int shown = Math.min(services.size(), MAX_ROWS);
    for (ServiceSessions each : services.subList(0, shown)) {
      rows.add(row(listener.name(), each.counts(), name(listener, each)));
    }
    if (services.size() > shown) {
      SessionCounts rest =
          services.subList(shown, services.size()).stream()
              .map(ServiceSessions::counts)
              .reduce(SessionCounts.NONE, SessionCounts::plus);
      int more = services.size() - shown;
      rows.add(row(listener.name(), rest, "(and " + Units.count(more) + " more)"));
    }
  }

  private static String name(Status.ListenerView listener, ServiceSessions service) {
    return service.service().isEmpty()
        ? "(" + listener.codec() + ")"
        : OneLine.escaped(service.service());
  }

  private static List<String> row(String listener, SessionCounts counts, String service) {
    return List.of(
        listener,
        Units.count(counts.sessions()),
        Units.count(counts.away()),
        Units.bytes(counts.heldBytes()),
        Units.count(counts.streams()),
        Units.count(counts.asks()),
        service);
  }
}
