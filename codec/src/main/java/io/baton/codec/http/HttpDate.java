package io.baton.codec.http;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.time.temporal.ChronoField;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The formats of dates in HTTP (RFC 9110, 5.6.7), of which the first, with always 29 characters, is
 * written and all are read. Any thread.
 *
 * <pre>
 *   Sun, 06 Nov 1994 08:49:37 GMT     IMF-fixdate
 *   Sunday, 06-Nov-94 08:49:37 GMT    of RFC 850
 *   Sun Nov  6 08:49:37 1994          of C's asctime
 * </pre>
 */
public final class HttpDate {
  private static final int CENTURY = 100;

  /** A year of two digits is at most so far in the future. */
  private static final int MOST_AHEAD = 50;

  private static final DateTimeFormatter FIXED = strict("EEE, dd MMM uuuu HH:mm:ss 'GMT'");
  private static final DateTimeFormatter ASCTIME = strict("EEE MMM ppd HH:mm:ss uuuu");

  private static final DateTimeFormatter FORMAT = FIXED.withZone(ZoneOffset.UTC);

  private HttpDate() {}

  private static DateTimeFormatter strict(String pattern) {
    return DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH)
        .withResolverStyle(ResolverStyle.STRICT);
  }

  /** Formats an instant, without its fraction of a second, as {@code IMF-fixdate}. */
  public static String format(Instant instant) {
    return FORMAT.format(instant);
  }

  /** Reads a date in any of the formats; null if it is in none, for which it is to be ignored. */
  public static @Nullable Instant parse(String text) {
    return parse(text, Instant.now());
  }

  /**
   * As {@link #parse(String)}.
   *
   * @param now by which the century of a year of two digits is known
   */
  static @Nullable Instant parse(String text, Instant now) {
    for (DateTimeFormatter format : List.of(FIXED, ASCTIME)) {
      Instant at = parse(text, format);
      if (at != null) {
        return at;
      }
    }
    return parse(text, rfc850(now));
  }

  private static @Nullable Instant parse(String text, DateTimeFormatter format) {
    try {
      return LocalDateTime.parse(text, format).toInstant(ZoneOffset.UTC);
    } catch (DateTimeException _) {
      return null;
    }
  }

  private static DateTimeFormatter rfc850(Instant now) {
    int lastYear = now.atOffset(ZoneOffset.UTC).getYear() + MOST_AHEAD;
    return new DateTimeFormatterBuilder()
        .appendPattern("EEEE, dd-MMM-")
        .appendValueReduced(ChronoField.YEAR, 2, 2, lastYear - CENTURY + 1)
        .appendPattern(" HH:mm:ss 'GMT'")
        .toFormatter(Locale.ENGLISH)
        .withResolverStyle(ResolverStyle.STRICT);
  }
}
