package io.baton.worker.session;

import io.baton.pipe.Message.Handoff;
import java.util.HashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log of what went wrong in sessions: each kind once, told apart by the exception's class and
 * where it was thrown. The rest is in the error counter. A service that fails for every client must
 * not write a stack trace for every client. Event loop only.
 */
final class SessionErrors {
  /** Kinds that are kept apart; later ones are logged at DEBUG only. */
  private static final int MAX_KINDS = 256;

  private static final Logger LOG = LoggerFactory.getLogger(SessionErrors.class);

  private record Kind(Class<? extends Throwable> cause, StackTraceElement top) {}

  private static final StackTraceElement NOWHERE = new StackTraceElement("", "", null, -1);

  private final Set<Kind> known = new HashSet<>();

  /** The session ends with an error. */
  void endsWith(Route<?, ?> route, Handoff facts, Throwable cause) {
    report(route, facts, cause, "ends with an error");
  }

  /** The session came from another worker, cannot go on here, and goes back. */
  void cannotResume(Route<?, ?> route, Handoff facts, Throwable cause) {
    report(route, facts, cause, "cannot go on here and is refused");
  }

  /** The session was to go to another worker, cannot, and goes on here. */
  void cannotSave(Route<?, ?> route, Handoff facts, Throwable cause) {
    report(route, facts, cause, "cannot be saved and stays in this worker");
  }

  private void report(Route<?, ?> route, Handoff facts, Throwable cause, String what) {
    StackTraceElement[] trace = cause.getStackTrace();
    Kind kind = new Kind(cause.getClass(), trace.length == 0 ? NOWHERE : trace[0]);
    if (known.size() < MAX_KINDS && known.add(kind)) {
      LOG.error(
          "listener {}: session {} of {} {}; further ones like it are only counted",
          route.listener(),
          facts.id(),
          facts.peer(),
          what,
          cause);
    } else {
      LOG.debug("session {} of {} {}", facts.id(), facts.peer(), what, cause);
    }
  }
}
