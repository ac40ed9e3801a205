package io.baton.worker.codec.http;

import io.baton.codec.http.HttpDate;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;

/**
 * The lines that the codec adds to nearly every response: when it is sent (RFC 9110, 6.6.1), who
 * sends it, and how long it is. They stand one behind the other, and a response that needs all
 * three, as most do, gets them by one copy. The date is formatted once a second.
 *
 * <p>One for all connections of an event loop. Event loop only.
 */
final class UsualLines {
  private static final String SERVER = "server: Baton\r\n";
  private static final String LENGTH = "content-length: ";
  private static final int MAX_LENGTH_END = "2147483647\r\n".length();

  private static final int SERVER_AT = date(Instant.EPOCH).length();
  private static final int LENGTH_AT = SERVER_AT + SERVER.length();
  private static final int DIGITS_AT = LENGTH_AT + LENGTH.length();
  private static final int RADIX = 10;

  private final InstantSource clock;
  private final byte[] text;
  private long second = Long.MIN_VALUE;

  UsualLines(InstantSource clock) {
    this.clock = clock;
    this.text =
        Arrays.copyOf(ascii(date(Instant.EPOCH) + SERVER + LENGTH), DIGITS_AT + MAX_LENGTH_END);
  }

  /**
   * Writes those that are wanted.
   *
   * @param length of the body, in bytes; negative if that is not to be said
   */
  void write(ByteBuf to, boolean date, boolean server, int length) {
    int end = length < 0 ? LENGTH_AT : measure(length);
    if (date) {
      date(Math.floorDiv(clock.millis(), 1_000L));
    }
    if (date && !server) {
      to.writeBytes(text, 0, SERVER_AT);
      to.writeBytes(text, LENGTH_AT, end - LENGTH_AT);
    } else {
      int from = date ? 0 : server ? SERVER_AT : LENGTH_AT;
      to.writeBytes(text, from, end - from);
    }
  }

  private void date(long now) {
    if (now != second) {
      second = now;
      System.arraycopy(ascii(date(Instant.ofEpochSecond(now))), 0, text, 0, SERVER_AT);
    }
  }

  /** Returns where the line ends. */
  private int measure(int length) {
    int end = DIGITS_AT + 1;
    for (int rest = length / RADIX; rest > 0; rest /= RADIX) {
      end++;
    }
    int rest = length;
    for (int at = end - 1; at >= DIGITS_AT; at--) {
      text[at] = (byte) ('0' + rest % RADIX);
      rest /= RADIX;
    }
    text[end] = '\r';
    text[end + 1] = '\n';
    return end + 2;
  }

  private static String date(Instant at) {
    return "date: " + HttpDate.format(at) + "\r\n";
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
