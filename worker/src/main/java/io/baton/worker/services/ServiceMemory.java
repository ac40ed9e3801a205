package io.baton.worker.services;

/** The memory that questions and answers may take. */
public interface ServiceMemory {

  /** Takes so many bytes; returns false, and takes none, if there are not as many. */
  boolean reserve(long bytes);

  /** Gives back what was taken. */
  void release(long bytes);
}
