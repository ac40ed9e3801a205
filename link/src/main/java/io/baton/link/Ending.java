package io.baton.link;

/**
 * The end of a session, as told to {@link LinkHandler#closed}.
 *
 * <p>Codes below {@value #FIRST_OF_APPLICATIONS} belong to the protocol and are listed in {@link
 * io.baton.link.core.LinkCode}; an application is free to use the others. Code {@value #UNTOLD}
 * never travels: the connection was lost and the other side did not say anything.
 *
 * @param code what one side told the other, from 1 to 65535, or {@value #UNTOLD}
 * @param text a sentence for a log or a user; not for programs
 * @param lost true if the session could not be resumed: the other side no longer knows it, or the
 *     connection did not come back within the grace. Then the other side may not have received what
 *     was sent shortly before. False if one of the two sides closed the session: then everything
 *     that was sent before has been received
 */
public record Ending(int code, String text, boolean lost) {
  /** The code of an end that the other side did not tell. */
  public static final int UNTOLD = 0;

  /** The lowest code that means what an application wants it to mean. */
  public static final int FIRST_OF_APPLICATIONS = 256;

  /** The highest code there is. */
  public static final int MAX_CODE = 65_535;

  /**
   * Checks it.
   *
   * @throws IllegalArgumentException if there is no such code
   */
  public Ending {
    if (code < UNTOLD || code > MAX_CODE) {
      throw new IllegalArgumentException("a code is from 0 to 65535, not " + code);
    }
  }

  /** Returns {@link #lost}. */
  public boolean isLost() {
    return lost;
  }
}
