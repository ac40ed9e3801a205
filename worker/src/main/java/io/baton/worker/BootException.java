package io.baton.worker;

import org.jspecify.annotations.Nullable;

/** This worker cannot come up; the message says what was being done and what is wrong. */
final class BootException extends Exception {
  private static final long serialVersionUID = 1;

  BootException(String message) {
    super(message);
  }

  BootException(String doing, @Nullable Throwable cause) {
    super(doing, cause);
  }

  /** What an operator reads: one line, with its cause. */
  String line() {
    String line = String.valueOf(getMessage());
    Throwable cause = getCause();
    if (cause != null) {
      line += ": " + cause.getClass().getName() + ": " + cause.getMessage();
    }
    return line.lines().map(String::strip).reduce((a, b) -> a + "; " + b).orElse("");
  }
}
