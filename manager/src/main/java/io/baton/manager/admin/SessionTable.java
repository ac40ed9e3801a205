package io.baton.manager.admin;

import io.baton.log.OneLine;
import io.baton.manager.admin.SessionAnswer.Found;
import io.baton.manager.text.Units;
import io.baton.pipe.SessionDescription;
import io.baton.service.Peer;
import java.util.ArrayList;
import java.util.List;

/** One session as a person likes to read it: what {@code bin/session} prints. */
public final class SessionTable {
  private SessionTable() {}

  public static String render(Found found) {
    SessionDescription session = found.session();
    List<List<String>> rows = new ArrayList<>();
    row("listener", session.listener(), rows);
    if (!session.service().isEmpty()) {
      row("service", session.service(), rows);
    }
    row("worker", found.worker().toString().substring("worker ".length()), rows);
    row("peer", session.peer().toString(), rows);
    Peer via = session.via();
    if (via != null) {
      row("via", via.toString(), rows);
    }
    if (!session.principal().isEmpty()) {
      row("principal", session.principal(), rows);
    }
    row("state", state(session), rows);
    row("held", held(session), rows);
    row("unprocessed", Units.count(session.unprocessed(), "message"), rows);
    session.details().forEach(each -> row(each.name(), each.value(), rows));
    StringBuilder text = new StringBuilder("session " + found.key() + "\n\n");
    TextTable.append(rows, "ll", text);
    return text.toString();
  }

  /** Returns the line about a session that is ended. */
  public static String closing(Found found) {
    SessionDescription session = found.session();
    String unprocessed =
        session.unprocessed() == 0
            ? ""
            : "; first its service processes "
                + Units.count(session.unprocessed(), "received message");
    return "session %s of %s on listener %s (%s) is ended%s%n"
        .formatted(
            found.key(),
            OneLine.escaped(session.peer().toString()),
            OneLine.escaped(session.listener()),
            state(session),
            unprocessed);
  }

  private static void row(String name, String value, List<List<String>> rows) {
    rows.add(List.of("  " + OneLine.escaped(name), OneLine.escaped(value)));
  }

  private static String state(SessionDescription session) {
    String since = Units.duration(session.sinceMs());
    return switch (session.state()) {
      case OPEN -> "open for " + since;
      case AWAY ->
          "away for %s, ends in %s unless its client comes back"
              .formatted(since, Units.duration(session.graceMs()));
      case MOVING -> "moves to another worker";
      case ENDING -> "ends";
    };
  }

  private static String held(SessionDescription session) {
    return "%s, of them %s not taken by the client"
        .formatted(Units.bytes(session.heldBytes()), Units.bytes(session.unsentBytes()));
  }
}
