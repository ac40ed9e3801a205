package io.baton.manager.fleet;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a JVM printed before it ended: which of its lines says why. */
public final class JvmOutput {
  private static final Pattern OUT_OF_MEMORY =
      Pattern.compile("^Terminating due to (java\\.lang\\.OutOfMemoryError.*)$");

  /** As the worker prints it. */
  private static final Pattern EXIT = Pattern.compile("^System\\.exit\\(-?\\d+\\) was called.*$");

  private static final String CRASH = "A fatal error has been detected by the Java Runtime";
  private static final String NO_MEMORY = "There is insufficient memory for the Java Runtime";

  /** What the JVM says when it does not start; the lines behind only say that it does not. */
  private static final Pattern NO_START =
      Pattern.compile(
          "^(Error|Unrecognized|Invalid|Improperly|Conflicting|Missing|Multiple|Too small|"
              + "Could not|Exception in thread|Caused by|java\\.|\\S+: not found).*$");

  private static final String INITIALIZING = "Error occurred during initialization of VM";

  /** More of a line is not told. */
  private static final int MAX_LENGTH = 400;

  private final List<String> lines;

  private JvmOutput(String text) {
    lines = text.lines().map(JvmOutput::withoutHash).filter(line -> !line.isEmpty()).toList();
  }

  /** A crash is reported in lines that begin with one. */
  private static String withoutHash(String line) {
    return line.startsWith("#") ? line.substring(1).strip() : line.strip();
  }

  /**
   * Returns why the JVM says that it ended, or why it did not start.
   *
   * @param text the end of its output
   * @param began whether it had come up
   * @return null if it does not say so
   */
  public static @Nullable String reason(String text, boolean began) {
    JvmOutput output = new JvmOutput(text);
    String end = output.end();
    String reason = end != null || began ? end : output.noStart();
    return reason == null ? null : reason.substring(0, Math.min(MAX_LENGTH, reason.length()));
  }

  private @Nullable String end() {
    for (int i = lines.size() - 1; i >= 0; i--) {
      String line = lines.get(i);
      Matcher outOfMemory = OUT_OF_MEMORY.matcher(line);
      if (outOfMemory.matches()) {
        return outOfMemory.group(1);
      }
      if (EXIT.matcher(line).matches()) {
        return line;
      }
      if (line.startsWith(CRASH)) {
        return "the JVM crashed: " + next(i);
      }
      if (line.startsWith(NO_MEMORY)) {
        return line + " " + next(i);
      }
    }
    return null;
  }

  private @Nullable String noStart() {
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if (NO_START.matcher(line).matches()) {
        return line.equals(INITIALIZING) ? line + ": " + next(i) : line;
      }
    }
    return lines.isEmpty() ? null : lines.getLast();
  }

  private String next(int i) {
    return i + 1 < lines.size() ? lines.get(i + 1) : "";
  }
}
