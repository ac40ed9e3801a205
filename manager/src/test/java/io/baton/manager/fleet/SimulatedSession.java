package io.baton.manager.fleet;

import io.baton.service.SessionKey;

/** A session with a key, as the simulated world knows it. */
final class SimulatedSession {
  final SessionKey key;

  /** The connection that it is on, or was on when it lost it. */
  SimulatedClient client;

  /** Its migration has begun. */
  boolean frozen;

  /** It is on its way: given by a worker, and not yet taken by one. */
  boolean inHandoff;

  boolean gone;

  SimulatedSession(SessionKey key, SimulatedClient client) {
    this.key = key;
    this.client = client;
  }

  /** Whether the client came in by the same listener. */
  boolean isOf(SimulatedClient other) {
    return client.listener == other.listener;
  }

  boolean isWantedBy(SimulatedClient other) {
    return key.equals(other.wanted) && isOf(other);
  }

  @Override
  public String toString() {
    return "session " + key + " of " + client;
  }
}
