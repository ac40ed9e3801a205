package io.baton.worker.lane;

/** A way to run the callbacks of sessions. One object serves all sessions of a worker. */
public interface Lane extends AutoCloseable {

  /**
   * A strand for a new session. Event loop only.
   *
   * @param roomAgain called on the event loop when {@link Strand#hasRoom} has turned true
   */
  Strand strand(Runnable roomAgain);

  /** How much waits to be run, all sessions together. Event loop only. */
  int depth();

  /** Ends its threads, without waiting for what they are in the middle of. */
  @Override
  void close();
}
