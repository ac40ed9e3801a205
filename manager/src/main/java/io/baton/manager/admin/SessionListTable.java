package io.baton.manager.admin;

import static java.util.stream.Collectors.joining;

import io.baton.log.OneLine;
import io.baton.manager.fleet.LivingWorker;
import io.baton.manager.text.Units;
import io.baton.pipe.SessionDescription;
import java.util.ArrayList;
import java.util.List;

/** Sessions as a person likes to read them: what {@code bin/sessions} prints. */
public final class SessionListTable {
  private static final List<String> HEAD =
      List.of(
          "ID",
          "LISTENER",
          "SERVICE",
          "PEER",
          "PRINCIPAL",
          "AGE",
          "IDLE",
          "STATE",
          "HELD",
          "WORKER");

  private SessionListTable() {}

  public static String render(SessionList.Listed list) {
    StringBuilder text = new StringBuilder();
    if (!list.rows().isEmpty()) {
      List<List<String>> rows = new ArrayList<>();
      rows.add(HEAD);
      list.rows().forEach(row -> rows.add(cells(row)));
      TextTable.append(rows, "rllllrrlrr", text);
      text.append('\n');
    }
    text.append(summary(list)).append('\n');
    if (!list.silent().isEmpty()) {
      text.append("! not answered in time: ")
          .append(list.silent().stream().map(LivingWorker::toString).collect(joining(", ")))
          .append('\n');
    }
    return text.toString();
  }

  private static String summary(SessionList.Listed list) {
    int listed = list.rows().size();
    return listed >= list.matching()
        ? Units.count(listed, "session")
        : "%s sessions; the oldest %s are listed, --limit lists more"
            .formatted(Units.count(list.matching()), Units.count(listed));
  }

  private static List<String> cells(SessionList.Row row) {
    SessionDescription session = row.listed().session();
    return List.of(
        Long.toString(row.listed().id()),
        OneLine.escaped(session.listener()),
        orDash(session.service()),
        OneLine.escaped(session.peer().toString()),
        orDash(session.principal()),
        Units.duration(row.ageMs()),
        Units.duration(row.listed().idleMs()),
        SessionsQuery.name(session.state()),
        Units.bytes(session.heldBytes()),
        Integer.toString(row.worker().slot()));
  }

  private static String orDash(String text) {
    return text.isEmpty() ? "-" : OneLine.escaped(text);
  }
}
