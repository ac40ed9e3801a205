package io.baton.service;

import java.util.Objects;

/**
 * A message that was published to a topic.
 *
 * @param topic its name
 * @param message its bytes, which all subscribers in the worker share: nobody may change them
 */
@SuppressWarnings("ArrayRecordComponent") // Compared by nobody.
public record Publication(String topic, byte[] message) {
  /**
   * Checks both.
   *
   * @throws IllegalArgumentException if the name or the message is not as it has to be
   */
  public Publication {
    Objects.requireNonNull(Topics.requireName(topic));
    Objects.requireNonNull(requireLength(message));
  }

  /**
   * Checks the length of a message.
   *
   * @return the message
   * @throws IllegalArgumentException if it is too long
   */
  public static byte[] requireLength(byte[] message) {
    if (message.length > Topics.MAX_MESSAGE_BYTES) {
      throw new IllegalArgumentException(
          "a publication has at most %d bytes, this one %d"
              .formatted(Topics.MAX_MESSAGE_BYTES, message.length));
    }
    return message;
  }
}
