package io.baton.worker.session;

/**
 * The way out for what a session sends: its carrier's writer, or, while no carrier bears it, what
 * keeps it until one does. Event loop only, except where a method says otherwise.
 */
sealed interface SessionOutput permits OutboundWriter, KeptOutput {

  /**
   * Takes a message.
   *
   * @return false if there is no room for it: it is still the caller's
   */
  boolean write(Object message);

  /** Returns the bytes that were written and that the client has not taken. Any thread. */
  long pending();

  /** Returns whether less is pending than the high-water mark allows. Any thread. */
  boolean isWritable();

  /** Sends what was written and not flushed. */
  void flush();

  /** A batch of messages begins, which is flushed at its end; batches nest. */
  void beginBatch();

  void endBatch();
}
