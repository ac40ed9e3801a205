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
    Objects.requireNonNull(Services.requireName(name));
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
}
