package io.baton.link;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The failure to open a session: no server was reached in time, or the server refused. The message
 * says where, what happened last, and what is allowed.
 */
public final class LinkException extends IOException {
  private static final long serialVersionUID = 1;

  /** The code of the server's refusal, or {@link Ending#UNTOLD}. */
  private final int code;

  /**
   * Describes one failure.
   *
   * @param code what the server refused with, as in {@link Ending#code}; {@link Ending#UNTOLD} if
   *     no server answered
   * @param cause the last attempt's, if there is one
   */
  public LinkException(int code, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  /** Returns the code of the server's refusal, or {@link Ending#UNTOLD} if no server answered. */
  public int code() {
    return code;
  }
}
