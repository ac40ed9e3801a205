package io.baton.service;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * A client as an {@link Authenticator} has recognised it. It moves along with its session, so it is
 * small, and it is shown in logs, so it holds no secrets.
 *
 * @param name what the client is known by, such as a login; not empty
 * @param attributes what else is known of it, such as a tenant or a role
 */
public record Principal(String name, Map<String, String> attributes) {
  /** Most bytes of UTF-8 that name and attributes may have together. */
  public static final int MAX_BYTES = 4 * 1024;

  /** Most bytes of UTF-8 that the name may have. */
  public static final int MAX_NAME_BYTES = 256;

  /**
   * Checks it.
   *
   * @throws IllegalArgumentException if the name is empty or has control characters or half a
   *     surrogate pair, or if it is all too long
   */
  public Principal {
    attributes = Map.copyOf(attributes);
    if (name.isEmpty() || name.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException(
          "a principal's name is not empty and has no control characters");
    }
    if (!new String(name.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8).equals(name)) {
      throw new IllegalArgumentException("a principal's name has no half of a surrogate pair");
    }
    int bytes = bytes(name);
    if (bytes > MAX_NAME_BYTES) {
      throw new IllegalArgumentException(
          "a principal's name has at most %d bytes, this one has %d"
              .formatted(MAX_NAME_BYTES, bytes));
    }
    for (Map.Entry<String, String> each : attributes.entrySet()) {
      bytes += bytes(each.getKey()) + bytes(each.getValue());
    }
    if (bytes > MAX_BYTES) {
      throw new IllegalArgumentException(
          "a principal with its attributes has at most %d bytes, this one has %d"
              .formatted(MAX_BYTES, bytes));
    }
  }

  /** A principal without attributes. */
  public Principal(String name) {
    this(name, Map.of());
  }

  private static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }
}
