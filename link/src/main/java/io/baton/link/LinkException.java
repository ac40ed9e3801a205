package io.baton.link;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A failure that has a code: a session could not be opened, a question was not answered, or a
 * stream ended before its end. The message says what has failed, what happened last, and what is
 * allowed.
 */
public final class LinkException extends IOException {
  private static final long serialVersionUID = 1;

  /** The code that the other side told, or {@link Ending#UNTOLD}. */
  private final int code;

  /**
   * Describes one failure.
   *
   * @param code what the other side told, as in {@link Ending#code}; {@link Ending#UNTOLD} if it
   *     told nothing
   * @param cause the last attempt's, if there is one
   */
  public LinkException(int code, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  /** Returns the code that the other side told, or {@link Ending#UNTOLD} if it told nothing. */
  public int code() {
    return code;
  }
}
