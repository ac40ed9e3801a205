package io.baton.worker.tls;

import java.security.cert.X509Certificate;
import java.util.List;

/** A session that waits for its connection to be encrypted. Event loop only. */
public interface Arrival {
  /** The client is there, and begins its handshake. */
  void arrived();

  /**
   * The handshake is done.
   *
   * @param certificates that the client has shown, its own first
   */
  void secured(List<X509Certificate> certificates);

  /** Returns what is said to a client that does not encrypt what it sends. */
  default PlaintextReply plaintextReply() {
    return PlaintextReply.NONE;
  }

  /** The client has left, or was turned away, before it was done. */
  void failed();
}
