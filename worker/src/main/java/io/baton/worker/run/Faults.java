package io.baton.worker.run;

import java.util.HashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log of what went wrong in sessions: each kind once, told apart by the exception's class and
 * where it was thrown. The rest is in the error counter. A service that fails for every client must
 * not write a stack trace for every client. Event loop only.
 */
public final class Faults {
  /** Kinds kept apart; later ones are at DEBUG only. */
  private static final int MAX_KINDS = 256;

  private static final Logger LOG = LoggerFactory.getLogger(Faults.class);

  private record Kind(Class<? extends Throwable> cause, StackTraceElement top) {}

  private static final StackTraceElement NOWHERE = new StackTraceElement("", "", null, -1);

  private final Set<Kind> known = new HashSet<>();

  /** It ends. */
  void report(Connection connection, Throwable cause) {
    report(connection, cause, "ends with an error");
  }

  /** It was to go on here and cannot: it goes back to the worker that it came from. */
  void cannotGoOn(Connection connection, Throwable cause) {
    report(connection, cause, "cannot go on here and is refused");
  }

  /** It was to go to another worker and cannot: it goes on here. */
  void cannotSave(Connection connection, Throwable cause) {
    report(connection, cause, "cannot be saved and stays in this worker");
  }

  private void report(Connection connection, Throwable cause, String what) {
    StackTraceElement[] trace = cause.getStackTrace();
    Kind kind = new Kind(cause.getClass(), trace.length == 0 ? NOWHERE : trace[0]);
    if (known.size() < MAX_KINDS && known.add(kind)) {
      LOG.error(
          "listener {}: session {} of {} {}; further ones like it are only counted",
          connection.listener(),
          connection.id(),
          connection.peer(),
          what,
          cause);
    } else {
      LOG.debug("session {} of {} {}", connection.id(), connection.peer(), what, cause);
    }
  }
}
