package io.baton.bench;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What one {@code bin/reload} did.
 *
 * @param line its own words
 * @param closed connections it closed, by its own words
 * @param moves when connections moved
 */
record Reload(String line, long closed, Moves moves) {
  private static final Pattern CLOSED = Pattern.compile("([0-9,]+) closed");

  /** Throws if the line does not tell what was closed. */
  static Reload of(String line, Moves moves) {
    Matcher matcher = CLOSED.matcher(line);
    if (!matcher.find()) {
      throw new BenchException("bin/reload does not tell what it closed: " + line);
    }
    return new Reload(line, Long.parseLong(matcher.group(1).replace(",", "")), moves);
  }
}
