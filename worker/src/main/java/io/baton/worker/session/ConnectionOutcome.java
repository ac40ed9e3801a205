package io.baton.worker.session;

/** A connection as the part that made its channel sees it. Event loop only. */
public interface ConnectionOutcome {

  /** Sets who is told what the connection counts as. */
  void watch(CountedConnection place);

  /** Whether its session may outlive it here; if it does not, that is told. */
  boolean goesOnWithout();

  /** Whether its session went to another worker: its end here is then no end of a connection. */
  boolean hasMoved();

  /** Whether it has ended, or is about to, because the client broke its protocol. */
  boolean brokeProtocol();

  /** Ends it as one beyond a limit, in its protocol's words: it has not come back to a session. */
  void turnAway();

  /** Closes a connection whose channel was never registered: it goes on elsewhere, or ends. */
  void abandon();

  /** Ends what was to go on over a connection whose channel could not be registered. */
  void unregistered();
}
