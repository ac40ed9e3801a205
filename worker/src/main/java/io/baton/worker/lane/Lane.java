package io.baton.worker.lane;

/** A way to run the callbacks of sessions. One object serves all sessions of a worker. */
public interface Lane extends AutoCloseable {
  long LAST_MS = 1_000;

  /**
   * A strand for a new session. Event loop only.
   *
   * @param roomAgain called on the event loop when {@link Strand#hasRoom} has turned true
   */
  Strand strand(Runnable roomAgain);

  /** How much waits to be run, all sessions together. Event loop only. */
  int depth();

  /**
   * Ends it: what was submitted may still run, but is not waited for much longer than {@link
   * #LAST_MS}. Not on the event loop, which goes on meanwhile.
   */
  @Override
  void close();
}
