package io.baton.manager.fleet;

import io.baton.pipe.HandoffKind;
import io.baton.pipe.HandoffKind.Search;
import io.baton.pipe.PeerKey;
import io.baton.service.Peer;
import io.baton.service.SessionKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
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

  /** The further connections of its session. */
  final List<SimulatedClient> companions = new ArrayList<>();

  /** All that came with it when it was given last, itself included, as the manager has heard. */
  List<SimulatedClient> group = List.of(this);

  /** The connection on which the session began that it is a further one of; null if none. */
  @Nullable SimulatedClient first;

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
    return HandoffKind.savedAside(protocol())
        .under(session == null ? null : session.key, away)
        .with(companions.stream().map(SimulatedClient::inHandoff).toList());
  }

  private HandoffKind.Companion inHandoff() {
    return new HandoffKind.Companion(id, peer, null);
  }

  /** All connections that move with it, and itself. */
  List<SimulatedClient> all() {
    List<SimulatedClient> all = new ArrayList<>(companions);
    all.add(this);
    return all;
  }

  /** It is a further connection of the session that this one is the first of. */
  void joins(SimulatedClient its) {
    first = its;
    its.companions.add(this);
  }

  /** It is none any more, nor are the others any of its own. */
  void leaves() {
    if (first != null) {
      first.companions.remove(this);
      first = null;
    }
    companions.forEach(each -> each.first = null);
    companions.clear();
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
