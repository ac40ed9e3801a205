package io.baton.worker.run;

/** An open session as a drain or a move sees it. Event loop only. */
public interface OpenSession {

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
