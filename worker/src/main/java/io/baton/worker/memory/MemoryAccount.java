package io.baton.worker.memory;

/** The account of the bytes that one part of a worker holds. Called on the thread of that part. */
public interface MemoryAccount {
  /** Books so many bytes; returns false, and books none, if they are too many. */
  boolean reserve(long bytes);

  /** Gives back what was booked by {@link #reserve}. */
  void release(long bytes);
}
