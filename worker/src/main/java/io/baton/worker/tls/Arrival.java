package io.baton.worker.tls;

/** A session that waits for its connection to be encrypted. Event loop only. */
public interface Arrival {
  /** The client is there, and begins its handshake. */
  void arrived();

  /** The client has left, or was turned away, before it was done. */
  void failed();
}
