package io.baton.link.types;

/**
 * The failure to read bytes that are not a message of the schema they were announced with: they end
 * early, a length is negative, a branch does not exist, they nest too deep. Such a peer is broken
 * or hostile, and the conversation with it should end.
 */
public final class MalformedException extends Exception {
  private static final long serialVersionUID = 1;

  /** Creates it, saying where and what is wrong. */
  public MalformedException(String message) {
    super(message);
  }
}
