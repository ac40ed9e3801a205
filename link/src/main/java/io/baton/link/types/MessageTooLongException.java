package io.baton.link.types;

/**
 * The refusal to write more bytes than an {@link Output} may hold. What the message had written is
 * removed again.
 */
public final class MessageTooLongException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  MessageTooLongException(int limit) {
    super("the message is longer than the " + limit + " bytes allowed; it is not sent");
  }
}
