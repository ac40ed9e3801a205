package io.baton.manager.admin;

import static java.util.stream.Collectors.joining;

import io.baton.manager.fleet.LivingWorker;
import io.baton.pipe.SessionDescription;
import io.baton.pipe.SessionRef;
import java.util.List;

/** The answer to an operator's question about one session. */
public sealed interface SessionAnswer {

  /** A worker has the session. */
  record Found(SessionRef key, LivingWorker worker, SessionDescription session)
      implements SessionAnswer {}

  /** It is not known where the session is, or that it is anywhere. */
  sealed interface Missing extends SessionAnswer {
    /** Returns the reason, for the operator. */
    String why();
  }

  /** No worker has the session. */
  record Unknown(SessionRef key) implements Missing {
    @Override
    public String why() {
      return "no worker has a session " + key;
    }
  }

  /**
   * No worker that has answered has the session.
   *
   * @param silent those that have not answered
   * @param ms time that they had
   */
  record Unanswered(SessionRef key, List<LivingWorker> silent, long ms) implements Missing {
    @Override
    public String why() {
      return "no worker that answers has a session %s; not answered within %d s: %s"
          .formatted(
              key, ms / 1_000, silent.stream().map(LivingWorker::toString).collect(joining(", ")));
    }
  }

  /** The workers were not asked. */
  record Refused(String why) implements Missing {}
}
