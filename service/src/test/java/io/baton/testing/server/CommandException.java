package io.baton.testing.server;

/** A command failed, or did not end; the message says which, and what it left. */
public final class CommandException extends RuntimeException {
  private static final long serialVersionUID = 1;

  CommandException(String message) {
    super(message);
  }
}
