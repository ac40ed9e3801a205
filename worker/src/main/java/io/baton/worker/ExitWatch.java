package io.baton.worker;

import java.util.Arrays;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Says who ends the JVM by System.exit, if it is not this worker itself: the manager knows the exit
 * status only. It goes to the standard error, at once: no logger gets to write any more.
 */
final class ExitWatch extends Handler {
  private static final String OURS = ExitWatch.class.getPackageName() + ".";

  /** Where Runtime.exit logs its callers. Held, because the logging would forget it otherwise. */
  private static final Logger RUNTIME = Logger.getLogger("java.lang.Runtime");

  private ExitWatch() {}

  /** Begins. */
  static void begin() {
    RUNTIME.setUseParentHandlers(false);
    RUNTIME.setLevel(Level.FINE);
    RUNTIME.addHandler(new ExitWatch());
  }

  @Override
  public void publish(LogRecord exit) {
    String said = said(exit.getThrown());
    if (said != null) {
      System.err.println(said);
    }
  }

  /**
   * Returns what is said of a call.
   *
   * @param call with its stack, and the status in its message, as in {@code Runtime.exit(7)}
   * @return null if it was our own
   */
  static @Nullable String said(@Nullable Throwable call) {
    if (call == null) {
      return null;
    }
    StackTraceElement[] callers =
        Arrays.stream(call.getStackTrace())
            .filter(frame -> !frame.getClassName().startsWith("java.lang."))
            .toArray(StackTraceElement[]::new);
    if (callers.length == 0 || callers[0].getClassName().startsWith(OURS)) {
      return null;
    }
    StringBuilder text = new StringBuilder();
    text.append(String.valueOf(call.getMessage()).replace("Runtime.exit", "System.exit"))
        .append(" was called by ")
        .append(callers[0]);
    for (StackTraceElement caller : callers) {
      text.append("\n\tat ").append(caller);
    }
    return text.toString();
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}
}
