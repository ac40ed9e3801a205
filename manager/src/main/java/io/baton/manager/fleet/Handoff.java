package io.baton.manager.fleet;

import io.baton.pipe.PeerKey;
import io.baton.service.Peer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One client between accept and Taken. */
final class Handoff {
  final long id;
  final int listener;
  final Peer peer;

  /** Whom it counts as where connections are limited per peer; null elsewhere. */
  final @Nullable PeerKey key;

  final long acceptedMs;

  /** It is one too many, and is handed on only to be told so. */
  boolean beyondLimit;

  /** When it was last given to a worker. */
  long sentMs;

  /** Workers that refused it, in order; almost always empty. */
  private List<Long> refusedBy = List.of();

  Handoff(long id, int listener, Peer peer, @Nullable PeerKey key, long acceptedMs) {
    this.id = id;
    this.listener = listener;
    this.peer = peer;
    this.key = key;
    this.acceptedMs = acceptedMs;
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
