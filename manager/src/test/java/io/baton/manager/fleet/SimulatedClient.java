package io.baton.manager.fleet;

import io.baton.pipe.HandoffKind;
import io.baton.pipe.HandoffKind.Search;
import io.baton.pipe.PeerKey;
import io.baton.service.Peer;
import io.baton.service.SessionKey;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

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

  /** It came beyond a limit, and is not heard to have its session. */
  boolean limited;

  /** It is lost, and its session waits for another one. */
  boolean away;

  /** The manager has ended it. */
  boolean ended;

  boolean wasRefused;

  /** The worker that has it. */
  long worker;

  /** The worker that gave it; 0 if none did. */
  long source;

  /** It was given when the allowance for it had been taken back, which its worker did not know. */
  boolean late;

  /** The session that it carries. */
  @Nullable SimulatedSession session;

  /** The session that it wants; null if it has never sought one. */
  @Nullable SessionKey wanted;

  /** How far the search for it has come; null if there is none. */
  @Nullable Search search;

  /** The worker that is asked now, 0 if none is; and how often the session had moved before. */
  long asked;

  int askedAfter;

  /** By worker: how often the session had moved before it said that it does not have it. */
  final Map<Long, Integer> notHere = new HashMap<>();

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
    return HandoffKind.savedAside(protocol()).under(session == null ? null : session.key, away);
  }

  /** What it brings along while it seeks a session. */
  HandoffKind.Unserved unserved(Search outcome) {
    return new HandoffKind.Unserved(
        Objects.requireNonNull(wanted), outcome, new HandoffKind.State.Aside(), limited);
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
