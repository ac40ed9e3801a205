package io.baton.worker.lane;

/** Runs what one session has to do, one thing after the other, in the order given. */
public interface Strand {

  /**
   * Runs the task after all that was submitted before. Event loop only: there is one producer. The
   * task must not throw.
   */
  void submit(Runnable task);

  /**
   * Whether messages may be submitted. A strand without room takes them all the same, so that the
   * few tasks of a session that cannot wait never get lost; whoever reads a client has to ask.
   */
  boolean hasRoom();

  /** Whether the current thread is running this strand's task. Any thread. */
  boolean isCurrent();

  /** Whether its tasks may block without holding up other sessions. */
  boolean mayBlock();
}
