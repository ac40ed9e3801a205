package io.baton.worker.session;

/** A connection as the part that made its channel sees it. Event loop only. */
public interface ConnectionOutcome {

  /** Whether its session went to another worker: its end here is then no end of a connection. */
  boolean hasMoved();

  /** Whether it has ended, or is about to, because the client broke its protocol. */
  boolean brokeProtocol();

  /** Closes a connection whose channel was never registered: it goes on elsewhere, or ends. */
  void abandon();
}
