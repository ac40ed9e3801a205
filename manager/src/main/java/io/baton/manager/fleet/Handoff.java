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

  /** The worker that gave it, with its state; null if it was accepted and is fresh. */
  final @Nullable Worker source;

  /** When it became the manager's. */
  final long sinceMs;

  /** It is one too many, and is handed on only to be told so. */
  boolean beyondLimit;

  /** When it was last given to a worker. */
  long sentMs;

  /** Workers that refused it, in order; almost always empty. */
  private List<Long> refusedBy = List.of();

  Handoff(long id, int listener, Peer peer, @Nullable Worker source, long sinceMs) {
    this.id = id;
    this.listener = listener;
    this.peer = peer;
    this.key = PeerKey.of(peer);
    this.source = source;
    this.sinceMs = sinceMs;
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
