package io.baton.softbus.wire;

import java.nio.charset.StandardCharsets;

/** The rule for names of session servers. */
public final class SessionName {
  /** Most bytes of UTF-8 that a name has; the original keeps it with its zero in 64. */
  public static final int MAX_BYTES = 63;

  private SessionName() {}

  /** Returns whether this can be a session server's name. */
  public static boolean isValid(String name) {
    return !name.isEmpty()
        && name.length() <= MAX_BYTES
        && name.getBytes(StandardCharsets.UTF_8).length <= MAX_BYTES
        && name.chars().noneMatch(Character::isISOControl);
  }

  /**
   * Returns the name, if it can be one.
   *
   * @throws IllegalArgumentException if not
   */
  public static String require(String name) {
    if (!isValid(name)) {
      throw new IllegalArgumentException(
          "the name of a session server has 1 to %d bytes of UTF-8 without control characters; \"%s\" is none"
              .formatted(
                  MAX_BYTES, name.length() <= MAX_BYTES ? name : name.substring(0, MAX_BYTES)));
    }
    return name;
  }
}
