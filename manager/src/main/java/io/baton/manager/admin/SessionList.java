package io.baton.manager.admin;

import io.baton.manager.fleet.LivingWorker;
import io.baton.pipe.ListedSession;
import java.util.List;

/** The answer to an operator's question which sessions there are. */
public sealed interface SessionList {

  /**
   * Sessions, the oldest first.
   *
   * @param matching how many there are, also beyond those that are listed
   * @param silent workers that have not answered in time
   */
  record Listed(List<Row> rows, long matching, List<LivingWorker> silent) implements SessionList {
    public Listed {
      rows = List.copyOf(rows);
      silent = List.copyOf(silent);
    }
  }

  /**
   * One session.
   *
   * @param ageMs for how long there has been a session, in whichever workers
   */
  record Row(ListedSession listed, LivingWorker worker, long ageMs) {}

  /** The workers were not asked. */
  record Refused(String why) implements SessionList {}
}
