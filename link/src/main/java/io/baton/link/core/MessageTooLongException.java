package io.baton.link.core;

/** A message that the peer would not take: longer than its max-message. */
public final class MessageTooLongException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  MessageTooLongException(long bytes, int allowed) {
    super(
        "a message of %d bytes; the peer takes %d. Send what is longer as a stream"
            .formatted(bytes, allowed));
  }
}
