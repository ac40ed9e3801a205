package io.baton.link.types;

import org.jspecify.annotations.Nullable;

/**
 * The failure to make a record of a well-formed message: it has a type or an enum constant of a
 * newer peer, a null where this side has a primitive, or a value that a record's constructor
 * rejects. It costs that message only; the conversation may go on.
 */
public final class UndecodableException extends Exception {
  private static final long serialVersionUID = 1;

  private final String type;

  /**
   * Creates it.
   *
   * @param type the name of the message's record at the peer
   * @param what the part that this side cannot represent
   */
  public UndecodableException(String type, String what, @Nullable Throwable cause) {
    super(type + " cannot be decoded: " + what, cause);
    this.type = type;
  }

  /** Returns the name of the message's record at the peer. */
  public String type() {
    return type;
  }
}
