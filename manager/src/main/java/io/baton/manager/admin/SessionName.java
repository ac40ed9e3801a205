package io.baton.manager.admin;

import io.baton.log.OneLine;
import io.baton.service.SessionKey;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The text by which an operator names a session: its id, 32 hexadecimal digits as Link and its logs
 * show them, or its key as {@link SessionKey#toString} writes it.
 */
public final class SessionName {
  private static final int DIGITS = 16;
  private static final int HEXADECIMAL = 16;
  private static final Pattern ID = Pattern.compile("[0-9a-fA-F]{32}");

  private SessionName() {}

  /** Returns the session's key; empty if the text is neither an id nor a key. */
  public static Optional<SessionKey> parse(String text) {
    return ID.matcher(text).matches()
        ? Optional.of(new SessionKey(half(text, 0), half(text, DIGITS)))
        : SessionKey.parse(text);
  }

  private static long half(String text, int at) {
    return Long.parseUnsignedLong(text, at, at + DIGITS, HEXADECIMAL);
  }

  /** Returns what is wrong with a text that does not name a session. */
  public static String complaint(String text) {
    return ("found \"%s\", allowed the 32 hexadecimal digits of a session's id, or the 22 characters"
            + " of its key")
        .formatted(OneLine.escaped(text));
  }

  /** Returns the session's id. */
  static String id(SessionKey key) {
    return "%016x%016x".formatted(key.high(), key.low());
  }
}
