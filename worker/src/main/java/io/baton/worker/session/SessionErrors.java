package io.baton.worker.session;

import io.baton.log.RareLine;
import io.baton.worker.failure.FailureReason;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log of what went wrong in sessions. Errors of a kind are said at once, then at most once a
 * minute, with their number: a service that fails for every client must not write a stack trace for
 * every client. All of them are in the error counter.
 *
 * <p>Of a kind are errors of the same classes that passed the same lines of a module's code: the
 * line of the JDK that threw is the same for many mistakes. Event loop only.
 */
final class SessionErrors {
  /** Kinds that are kept apart; all later ones are one more. */
  static final int MAX_KINDS = 256;

  /** So many frames tell two mistakes apart. */
  private static final int MAX_FRAMES = 8;

  private static final Logger LOG = LoggerFactory.getLogger(SessionErrors.class);

  /**
   * Errors that are of a kind.
   *
   * @param cause what was thrown
   * @param root what it was thrown for in the end
   * @param frames innermost first
   */
  private record Kind(
      Class<? extends Throwable> cause,
      Class<? extends Throwable> root,
      List<StackTraceElement> frames) {

    static Kind of(Throwable cause) {
      Throwable root = root(cause);
      StackTraceElement[] trace = root.getStackTrace();
      List<StackTraceElement> users =
          Stream.of(trace).filter(FailureReason::isOfModule).limit(MAX_FRAMES).toList();
      List<StackTraceElement> frames =
          users.isEmpty() ? Stream.of(trace).limit(MAX_FRAMES).toList() : users;
      return new Kind(cause.getClass(), root.getClass(), frames);
    }

    /** Causes may form a circle. */
    private static Throwable root(Throwable cause) {
      Throwable root = cause;
      for (int i = 0; i < MAX_FRAMES; i++) {
        Throwable deeper = root.getCause();
        if (deeper == null) {
          break;
        }
        root = deeper;
      }
      return root;
    }
  }

  private final LongSupplier nanos;
  private final Map<Kind, RareLine> kinds = new HashMap<>();
  private final RareLine others;

  /**
   * @param nanos a monotonic clock
   */
  SessionErrors(LongSupplier nanos) {
    this.nanos = nanos;
    this.others = new RareLine(nanos);
  }

  /**
   * The session ends with an error.
   *
   * @param current what the client wanted, by its codec's word; empty if that is not known
   */
  void endsWith(Route<?, ?> route, LoggedSession session, String current, Throwable cause) {
    String during = current.isEmpty() ? "" : " at " + current;
    report(route, session, cause, "ends with an error" + during);
  }

  /** The session came from another worker, cannot go on here, and goes back. */
  void cannotResume(Route<?, ?> route, LoggedSession session, Throwable cause) {
    report(route, session, cause, "cannot go on here and is refused");
  }

  /** The session was to go to another worker, cannot, and goes on here. */
  void cannotSave(Route<?, ?> route, LoggedSession session, Throwable cause) {
    report(route, session, cause, "cannot be saved and stays in this worker");
  }

  private void report(Route<?, ?> route, LoggedSession session, Throwable cause, String what) {
    long times = line(Kind.of(cause)).due();
    if (times > 0) {
      LOG.error(
          "listener {}: {} {}{}",
          route.listener(),
          session,
          what,
          times == 1 ? "" : " (" + times + " like it since that was last said)",
          cause);
    } else {
      LOG.debug("{} {}", session, what, cause);
    }
  }

  private RareLine line(Kind kind) {
    RareLine known = kinds.get(kind);
    if (known != null) {
      return known;
    }
    if (kinds.size() >= MAX_KINDS) {
      return others;
    }
    RareLine made = new RareLine(nanos);
    kinds.put(kind, made);
    return made;
  }
}
