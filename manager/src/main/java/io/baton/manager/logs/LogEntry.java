package io.baton.manager.logs;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One entry of a log, as {@code conf/logback.xml} has them written: a line that begins with its
 * time and level and, perhaps, lines of a stack trace.
 *
 * @param text all of its lines, without the last line break
 */
public record LogEntry(Instant time, Level level, String text) {
  private static final Pattern BEGIN =
      Pattern.compile("(\\d{4}-\\d\\d-\\d\\dT[0-9:.]+(?:Z|[+-][0-9:]+)) ([A-Z]+) ");

  /** The levels, the least important first. */
  public enum Level {
    TRACE,
    DEBUG,
    INFO,
    WARN,
    ERROR;

    /**
     * Reads one, in either case.
     *
     * @throws IllegalArgumentException with a line for the operator
     */
    public static Level parse(String text) {
      for (Level each : values()) {
        if (each.name().equals(text.toUpperCase(Locale.ROOT))) {
          return each;
        }
      }
      throw new IllegalArgumentException(
          "level: found \"%s\", allowed trace, debug, info, warn or error".formatted(text));
    }
  }

  /** Returns the entry that a line begins; empty if it goes on with the one before. */
  static Optional<LogEntry> begin(String line) {
    Matcher matcher = BEGIN.matcher(line);
    if (!matcher.lookingAt()) {
      return Optional.empty();
    }
    try {
      Instant time = OffsetDateTime.parse(matcher.group(1)).toInstant();
      return Optional.of(new LogEntry(time, Level.valueOf(matcher.group(2)), line));
    } catch (DateTimeException | IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  /** Returns the same entry with one more line. */
  LogEntry and(String line) {
    return new LogEntry(time, level, text + "\n" + line);
  }
}
