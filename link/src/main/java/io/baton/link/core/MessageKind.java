package io.baton.link.core;

/** The kind of a message. */
public enum MessageKind {
  /** A message that asks nothing. */
  MESSAGE(0),
  /** A question, which is answered by one REPLY or FAILED. */
  ASK(1),
  /** The answer to an ASK. */
  REPLY(2),
  /** The answer that there is no reply, with a {@link Failure}. */
  FAILED(3),
  /** Tells that the asker waits no more. */
  CANCEL(4);

  private static final MessageKind[] BY_NUMBER = values();

  private final int number;

  MessageKind(int number) {
    this.number = number;
  }

  /** Returns the number on the wire. */
  int number() {
    return number;
  }

  /** Tells whether its payload has a type set. */
  boolean hasTypes() {
    return number < 3;
  }

  static MessageKind of(int number) throws LinkProtocolException {
    if (number < 0 || number >= BY_NUMBER.length) {
      throw new LinkProtocolException(
          "a message of kind " + (number & 0xFF) + "; known are 0 to 4");
    }
    return BY_NUMBER[number];
  }
}
