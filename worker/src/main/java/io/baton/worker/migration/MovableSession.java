package io.baton.worker.migration;

/** A session as the scheduler sees it, before its migration begins. Event loop only. */
public interface MovableSession {

  /** Whether it is worth trying to move it. */
  boolean mayMove();

  /** Whether no message of it is unprocessed, so that a move need not wait. */
  boolean isQuiet();

  /** Its listener and protocol: one word for all sessions that the same code serves. */
  String kind();

  /** Why it has not moved. */
  HoldUp holdUp();

  /**
   * All sessions are to move, and have had a moment for it: tells its service if it holds that up.
   */
  default void holdsUp() {}

  /** When it last did anything, in the clock's nanoseconds. */
  long lastActive();

  /** Freezes it in order to move it; the migration is to be begun at once. */
  OutgoingMigration freeze(OutgoingMigration.Owner owner);
}
