package io.baton.manager.fleet;

import io.baton.pipe.PeerKey;
import io.baton.service.Peer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One client that is the manager's: accepted, or given by a worker, and not yet taken. */
final class Handoff {
  final long id;
  final int listener;
  final Peer peer;

  /** Whom it counts as where connections are limited per peer. */
  final PeerKey key;

  /** Which of the listener's protocols it speaks, if a worker gave it; else empty. */
  final String protocol;

  /** The worker that gave it, with its state; null if it was accepted and is fresh. */
  final @Nullable Worker source;

  /** What it was given for, if it was for that. */
  final @Nullable Canary canary;

  /** When it became the manager's. */
  final long sinceMs;

  /** It is one too many, and is handed on only to be told so. */
  boolean beyondLimit;

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
      String protocol,
      @Nullable Worker source,
      @Nullable Canary canary,
      long sinceMs) {
    this.id = id;
    this.listener = listener;
    this.peer = peer;
    this.key = PeerKey.of(peer);
    this.protocol = protocol;
    this.source = source;
    this.canary = canary;
    this.sinceMs = sinceMs;
  }

  /** A client that was just accepted. */
  static Handoff fresh(long id, int listener, Peer peer, long nowMs) {
    return new Handoff(id, listener, peer, "", null, null, nowMs);
  }

  /** A connection that a worker gave. */
  static Handoff given(
      long id, int listener, Peer peer, String protocol, Worker source, long nowMs) {
    return new Handoff(id, listener, peer, protocol, source, source.canary, nowMs);
  }

  /** It is to show whether newcomers can go on with it: no other worker is to have it. */
  boolean isOnTrial() {
    return canary != null && canary.isUnderWay() && source != null && source.isUp();
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

  boolean wasRefusedBy(Worker worker) {
    return !refusedBy.isEmpty() && refusedBy.contains(worker.id);
  }
}
