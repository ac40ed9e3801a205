package io.baton.manager;

/** The server cannot start, or a command not be carried out; the message is for the operator. */
final class Failure extends Exception {
  private static final long serialVersionUID = 1;

  Failure(String message) {
    super(message);
  }

  Failure(String message, Throwable cause) {
    super(message, cause);
  }
}
