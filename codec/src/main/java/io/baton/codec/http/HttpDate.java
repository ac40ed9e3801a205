package io.baton.codec.http;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** The format of dates in HTTP (RFC 9110, 5.6.7), which always has 29 characters. Any thread. */
public final class HttpDate {
  private static final DateTimeFormatter FORMAT =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH)
          .withZone(ZoneOffset.UTC);

  private HttpDate() {}

  /** Formats an instant, without its fraction of a second, as {@code IMF-fixdate}. */
  public static String format(Instant instant) {
    return FORMAT.format(instant);
  }
}
