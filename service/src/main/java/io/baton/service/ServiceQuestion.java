package io.baton.service;

import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A question to a named service.
 *
 * @param name of the service
 * @param key by which this worker was chosen; null if it was asked without
 * @param content its bytes, which nobody may change
 */
@SuppressWarnings("ArrayRecordComponent") // Compared by nobody.
public record ServiceQuestion(String name, @Nullable String key, byte[] content) {
  /**
   * Checks all of it.
   *
   * @throws IllegalArgumentException if anything is not as it has to be
   */
  public ServiceQuestion {
    Objects.requireNonNull(requireName(name));
    if (key != null) {
      byte[] utf8 = key.getBytes(StandardCharsets.UTF_8);
      if (utf8.length > Services.MAX_KEY_BYTES
          || !new String(utf8, StandardCharsets.UTF_8).equals(key)) {
        throw new IllegalArgumentException(
            "a key is a text of at most %d bytes in UTF-8".formatted(Services.MAX_KEY_BYTES));
      }
    }
    if (content.length > Services.MAX_MESSAGE_BYTES) {
      throw new IllegalArgumentException(
          "a question has at most %d bytes, this one %d"
              .formatted(Services.MAX_MESSAGE_BYTES, content.length));
    }
  }

  /** Checks the name of a service, as {@link Services#requireName} does. */
  static String requireName(String name) {
    byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
    if (utf8.length == 0 || utf8.length > Services.MAX_NAME_BYTES) {
      throw new IllegalArgumentException(
          "a service's name has 1 to %d bytes in UTF-8, this one %d"
              .formatted(Services.MAX_NAME_BYTES, utf8.length));
    }
    if (name.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException("a service's name has no control characters");
    }
    if (!new String(utf8, StandardCharsets.UTF_8).equals(name)) {
      throw new IllegalArgumentException("a service's name has no half of a surrogate pair");
    }
    return name;
  }
}
