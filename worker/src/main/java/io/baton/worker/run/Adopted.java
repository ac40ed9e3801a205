package io.baton.worker.run;

/** A connection as the one who made its channel sees it. Event loop only. */
public interface Adopted {

  /** Whether its session went to another worker: then its end here is no end of a connection. */
  boolean hasMoved();

  /** Whether it has ended, or is about to, because the client broke its protocol. */
  boolean brokeProtocol();

  /** Closes a connection whose channel was never registered: it goes on elsewhere, or ends. */
  void abandon();
}
