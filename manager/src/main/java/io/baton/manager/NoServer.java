package io.baton.manager;

import org.jspecify.annotations.Nullable;

/** There is no server to talk to. */
final class NoServer extends Failure {
  private static final long serialVersionUID = 1;

  NoServer(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
