package io.baton.manager.text;

import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Lengths of time as an operator gives them to a command: {@code 90s}, {@code 10m}, {@code 2h}. */
public final class Ages {
  private static final Pattern AGE = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");

  private static final Map<String, TimeUnit> UNITS =
      Map.of(
          "ms", TimeUnit.MILLISECONDS,
          "s", TimeUnit.SECONDS,
          "m", TimeUnit.MINUTES,
          "h", TimeUnit.HOURS,
          "d", TimeUnit.DAYS);

  private Ages() {}

  /**
   * Reads one.
   *
   * @return milliseconds
   * @throws IllegalArgumentException with a line for the operator
   */
  public static long millis(String text) {
    Matcher age = AGE.matcher(text);
    if (!age.matches()) {
      throw new IllegalArgumentException(
          "found \"%s\", allowed a number with ms, s, m, h or d, such as 10m".formatted(text));
    }
    return UNITS.getOrDefault(age.group(2), TimeUnit.DAYS).toMillis(Long.parseLong(age.group(1)));
  }
}
