package io.baton.worker.topics;

/**
 * The account of the bytes that topics hold: publications that wait for sessions, tables, and
 * subscriptions. Called on the router's thread.
 */
public interface TopicMemory {
  /** Books so many bytes, unless they are too many. */
  boolean reserve(long bytes);

  /** Gives back what was booked by {@link #reserve}. */
  void release(long bytes);
}
