package io.baton.worker.accesslog;

import io.baton.service.Peer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * The texts of clients, written so that none can end its field or its line. All of them are taken
 * as bytes: Netty reads header fields as ISO 8859-1, one character for each byte.
 */
final class Escapes {
  private static final String RESUME = "baton.resume=";
  private static final String MASKED = "***";

  private static final HexFormat HEX = HexFormat.of().withUpperCase();

  private Escapes() {}

  /** Appends it as nginx does: control characters, quotes, backslashes and non-ASCII as \xHH. */
  static void quoted(@Nullable String text, StringBuilder to) {
    hex(text, to, '"');
  }

  /** Appends it with spaces and brackets escaped, too, for a field that has no quotes. */
  static void bare(@Nullable String text, StringBuilder to) {
    hex(text, to, ' ');
  }

  private static void hex(@Nullable String text, StringBuilder to, char alsoNot) {
    if (text == null || text.isEmpty()) {
      to.append('-');
      return;
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean plain = c >= ' ' && c < 0x7F && c != '"' && c != '\\';
      if (plain && (alsoNot != ' ' || (c != ' ' && c != '[' && c != ']'))) {
        to.append(c);
      } else {
        to.append("\\x");
        HEX.toHexDigits(to, (byte) c);
      }
    }
  }

  /** Appends a string of JSON, with all but printable ASCII as \\u00HH. */
  static void json(String text, StringBuilder to) {
    to.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        to.append('\\').append(c);
      } else if (c >= ' ' && c < 0x7F) {
        to.append(c);
      } else {
        to.append("\\u").append(HEX.toHexDigits(c));
      }
    }
    to.append('"');
  }

  /** Returns a text with a character for each byte of its UTF-8. */
  static @Nullable String bytes(@Nullable String text) {
    return text == null
        ? null
        : new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }

  /** Returns a target or URL without the key of a session that may be in its query. */
  static @Nullable String masked(@Nullable String target) {
    int from = target == null ? -1 : target.indexOf(RESUME);
    if (target == null || from < 0) {
      return target;
    }
    StringBuilder safe = new StringBuilder();
    int end = 0;
    while (from >= 0) {
      int value = from + RESUME.length();
      safe.append(target, end, value).append(MASKED);
      end = value;
      while (end < target.length() && target.charAt(end) != '&' && target.charAt(end) != '#') {
        end++;
      }
      from = target.indexOf(RESUME, end);
    }
    return safe.append(target, end, target.length()).toString();
  }

  /** Returns the client's address: without the port, as in nginx, if it is one of TCP. */
  static String remote(AccessEntry.Subject subject) {
    String real = subject.realIp();
    if (real != null) {
      return real;
    }
    return subject.peer() instanceof Peer.Tcp tcp
        ? tcp.address().getHostAddress()
        : subject.peer().toString();
  }
}
