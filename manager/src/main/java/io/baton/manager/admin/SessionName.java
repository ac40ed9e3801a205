package io.baton.manager.admin;

import io.baton.log.OneLine;
import io.baton.pipe.SessionRef;
import io.baton.service.SessionKey;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The text by which an operator names a session: its number, as {@code bin/sessions} and the
 * workers' logs show it; its id, 32 hexadecimal digits as Link and its logs show them; or its key
 * as {@link SessionKey#toString} writes it.
 */
public final class SessionName {
  private static final int DIGITS = 16;
  private static final int HEXADECIMAL = 16;
  private static final Pattern ID = Pattern.compile("[0-9a-fA-F]{32}");
  private static final Pattern NUMBER = Pattern.compile("[1-9][0-9]{0,18}");

  private SessionName() {}

  /** Returns the session that is named; empty if the text names none. */
  public static Optional<SessionRef> parse(String text) {
    if (NUMBER.matcher(text).matches()) {
      return number(text);
    }
    Optional<SessionKey> key =
        ID.matcher(text).matches()
            ? Optional.of(new SessionKey(half(text, 0), half(text, DIGITS)))
            : SessionKey.parse(text);
    return key.map(SessionRef.ByKey::new);
  }

  /** Of as many digits, some are too high. */
  private static Optional<SessionRef> number(String text) {
    try {
      return Optional.of(new SessionRef.ById(Long.parseLong(text)));
    } catch (NumberFormatException _) {
      return Optional.empty();
    }
  }

  private static long half(String text, int at) {
    return Long.parseUnsignedLong(text, at, at + DIGITS, HEXADECIMAL);
  }

  /** Returns what is wrong with a text that does not name a session. */
  public static String complaint(String text) {
    return ("found \"%s\", allowed the number of a session as bin/sessions shows it, the 32"
            + " hexadecimal digits of its id, or the 22 characters of its key")
        .formatted(OneLine.escaped(text));
  }
}
