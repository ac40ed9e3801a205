package io.baton.manager.fleet;

import io.baton.pipe.HandoffKind;
import io.baton.pipe.PeerKey;
import io.baton.service.Peer;

/** A client as the simulated world knows it. */
final class SimulatedClient {
  /** Whose it is, by what the manager has heard. */
  enum Owner {
    MANAGER,
    WORKER,
    NOBODY
  }

  final long id;
  final int listener;
  final Peer peer;
  final PeerKey key;

  /** Since when it is the manager's. */
  long sinceMs;

  Owner owner = Owner.MANAGER;
  boolean limited;
  boolean wasRefused;

  /** The worker that has it. */
  long worker;

  /** The worker that gave it; 0 if none did. */
  long source;

  /** It was given when the allowance for it had been taken back, which its worker did not know. */
  boolean late;

  SimulatedClient(long id, int listener, Peer peer, long sinceMs) {
    this.id = id;
    this.listener = listener;
    this.peer = peer;
    this.key = PeerKey.of(peer);
    this.sinceMs = sinceMs;
  }

  String protocol() {
    return id % 2 == 0 ? "" : "/chat";
  }

  /** What it brings along when a worker gives it. */
  HandoffKind.Saved saved() {
    return HandoffKind.savedAside(protocol());
  }

  boolean isMoving() {
    return owner == Owner.MANAGER && source != 0;
  }

  boolean countsAs(SimulatedClient other) {
    return listener == other.listener && key.equals(other.key);
  }

  @Override
  public String toString() {
    return "client " + id;
  }
}
