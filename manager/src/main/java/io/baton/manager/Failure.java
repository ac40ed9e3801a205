package io.baton.manager;

import org.jspecify.annotations.Nullable;

/** The server cannot start, or a command not be carried out; the message is for the operator. */
class Failure extends Exception {
  private static final long serialVersionUID = 1;

  Failure(String message) {
    super(message);
  }

  Failure(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
