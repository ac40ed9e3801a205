package io.baton.worker.codec.http;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** The Date header (RFC 9110, 5.6.7), formatted once a second. */
final class HttpDate {
  private static final DateTimeFormatter FORMAT =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH)
          .withZone(ZoneOffset.UTC);

  private final InstantSource clock;
  private long second = Long.MIN_VALUE;
  private byte[] line = {};

  HttpDate(InstantSource clock) {
    this.clock = clock;
  }

  static String format(Instant instant) {
    return FORMAT.format(instant);
  }

  /** Its line, as it is sent; not to be changed. Event loop only. */
  byte[] line() {
    long now = Math.floorDiv(clock.millis(), 1_000L);
    if (now != second) {
      second = now;
      line = "date: %s\r\n".formatted(format(clock.instant())).getBytes(StandardCharsets.US_ASCII);
    }
    return line;
  }
}
