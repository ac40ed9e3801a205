package io.baton.manager;

import io.baton.manager.fleet.DrainOutcome;
import io.baton.manager.fleet.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * What came of a command that was carried out, as its exit status and its text. One that was not
 * carried out is a {@link Failure}.
 *
 * @param outcome the same in numbers, if workers were replaced
 * @param drained the same in numbers, if other machines were to take the sessions
 */
record Reply(int status, String text, @Nullable Outcome outcome, @Nullable DrainOutcome drained) {
  /** Of a command of which there are no numbers. */
  Reply(int status, String text) {
    this(status, text, null, null);
  }

  /** Of a command that replaces workers. */
  Reply(int status, String text, Outcome outcome) {
    this(status, text, outcome, null);
  }

  /** All is as it should be. */
  static final int DONE = 0;

  /** The new workers serve, but could not go on with all sessions. */
  static final int INCOMPLETE = 4;

  /** The new workers serve, and another reload began before the former ones had ended. */
  static final int SUPERSEDED = 5;
}
