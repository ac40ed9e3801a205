package io.baton.manager.fleet;

import io.baton.pipe.HandoffKind;
import io.baton.pipe.HandoffKind.Saved;
import io.baton.pipe.HandoffKind.Search;
import io.baton.pipe.HandoffKind.Unserved;
import io.baton.pipe.PeerKey;
import io.baton.service.Peer;
import io.baton.service.SessionKey;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A client that is the manager's: accepted, or given by a worker, and not yet taken. */
final class Handoff {
  final long id;
  final int listener;
  final Peer peer;

  /** Whom it counts as where connections are limited per peer. */
  final PeerKey key;

  /**
   * The worker that gave it with its session, and may get it back; null if it has no session: it
   * was accepted and is fresh, or its client seeks the session that it had.
   */
  final @Nullable Worker source;

  /** What it was given for, if it was for that. */
  final @Nullable Canary canary;

  /** When it became the manager's. */
  final long sinceMs;

  /** What it brings along; found out to be beyond a limit only after it was accepted. */
  HandoffKind kind;

  /** Why a worker cannot go on with its session; empty if none has said so. */
  String unreadable = "";

  /** When it was last given to a worker. */
  long sentMs;

  /** Workers that refused it, in order; almost always empty. */
  private List<Long> refusedBy = List.of();

  private Handoff(
      long id,
      int listener,
      Peer peer,
      HandoffKind kind,
      @Nullable Worker source,
      @Nullable Canary canary,
      long sinceMs) {
    this.id = id;
    this.listener = listener;
    this.peer = peer;
    this.key = PeerKey.of(peer);
    this.kind = kind;
    this.source = source;
    this.canary = canary;
    this.sinceMs = sinceMs;
  }

  /** A client that was just accepted. */
  static Handoff fresh(long id, int listener, Peer peer, long nowMs) {
    return new Handoff(id, listener, peer, HandoffKind.FRESH, null, null, nowMs);
  }

  /** A connection that a worker gave. */
  static Handoff given(long id, int listener, Peer peer, Saved kind, Worker source, long nowMs) {
    return new Handoff(id, listener, peer, kind, source, source.canary, nowMs);
  }

  /** A connection that a worker gave because its client seeks a session. */
  static Handoff unserved(long id, int listener, Peer peer, Unserved kind, long nowMs) {
    return new Handoff(id, listener, peer, kind, null, null, nowMs);
  }

  /** Returns the same connection, whose client is to be told this, as if it came now. */
  Handoff after(Search outcome, long nowMs) {
    return kind instanceof Unserved unserved
        ? unserved(id, listener, peer, unserved.after(outcome), nowMs)
        : this;
  }

  /** Whether workers are to be asked for the session that its client wants. */
  boolean isSeeking() {
    return kind instanceof Unserved unserved && unserved.search() == Search.ASK;
  }

  /** Whether a worker has had it before, which counts it as taken. */
  boolean wasTaken() {
    return source != null || kind instanceof Unserved;
  }

  /** Returns the key of the session that it brings along; null if it brings none with a key. */
  @Nullable SessionKey session() {
    return kind instanceof Saved saved ? saved.key() : null;
  }

  /** Returns how many connections its session has; one that is away counts like one. */
  int connections() {
    return kind instanceof Saved saved ? 1 + saved.companions().size() : 1;
  }

  /** Returns whom each of its connections counts as: its own peer, if it is there, first. */
  List<PeerKey> counted() {
    if (!(kind instanceof Saved saved) || saved.companions().isEmpty()) {
      return List.of(key);
    }
    List<PeerKey> all = new ArrayList<>(saved.clients());
    all.add(key);
    saved.companions().forEach(each -> all.add(PeerKey.of(each.peer())));
    return all;
  }

  /** Whether it is one too many, and served only if its client comes back to its session. */
  boolean isBeyondLimit() {
    return kind instanceof HandoffKind.BeyondLimit
        || (kind instanceof Unserved unserved && unserved.beyondLimit());
  }

  /** Whether it is a session on its way whose client has lost its connection. */
  boolean isAway() {
    return kind instanceof Saved saved && saved.away();
  }

  /** Returns the protocol that it speaks, one of its listener's; empty if nothing was read yet. */
  String protocol() {
    return kind instanceof Saved saved ? saved.protocol() : "";
  }

  /**
   * It is to show whether newcomers can go on with it: no other worker is to have it, as long as it
   * can go back to where it came from.
   */
  boolean isOnTrial() {
    return canary != null
        && canary.isUnderWay()
        && source != null
        && source.isUp()
        && !wasRefusedBy(source);
  }

  /** What it was given for has come to nothing. */
  boolean hasFailedTrial() {
    return canary != null && !canary.failure().isEmpty();
  }

  void refusedBy(Worker worker) {
    if (refusedBy.isEmpty()) {
      refusedBy = new ArrayList<>(2);
    }
    refusedBy.add(worker.id);
  }

  void forgetRefusals() {
    refusedBy = List.of();
  }

  boolean wasRefusedBy(Worker worker) {
    return !refusedBy.isEmpty() && refusedBy.contains(worker.id);
  }
}
