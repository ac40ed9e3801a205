package io.baton.worker.run;

import io.baton.worker.memory.Holder;

/** An open session as a drain, a move or a want of memory sees it. Event loop only. */
public interface OpenSession extends Holder {

  /** Ends at a point where no message is lost, as its codec has it. */
  void goodbye();

  /** Ends now if nothing is under way. */
  void endIfIdle();

  /** Ends now, whatever is under way. */
  void abort();

  /** Whether it is worth trying to move it. */
  boolean mayMove();

  /** Whether no message of it is unprocessed, so that a move need not wait. */
  boolean isQuiet();

  /** Its listener and protocol: one word for all sessions that the same code serves. */
  String kind();

  /** Why it has not moved. */
  HoldUp holdUp();

  /** When it last did anything, in the clock's nanoseconds. */
  long lastActive();

  /** Freezes it in order to move it; the migration is to be begun at once. */
  Migration freeze(Migration.Owner owner);
}
