package io.baton.manager;

/**
 * What came of a command that was carried out, as its exit status and its text. One that was not
 * carried out is a {@link Failure}.
 */
record Reply(int status, String text) {
  /** All is as it should be. */
  static final int DONE = 0;

  /** The new workers serve, but could not go on with all sessions. */
  static final int INCOMPLETE = 4;

  /** The new workers serve, and another reload began before the former ones had ended. */
  static final int SUPERSEDED = 5;
}
