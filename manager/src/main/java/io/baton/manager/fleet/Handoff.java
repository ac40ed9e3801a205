package io.baton.manager.fleet;

import io.baton.service.Peer;
import java.util.ArrayList;
import java.util.List;

/** One client between accept and Taken. */
final class Handoff {
  final long id;
  final int listener;
  final Peer peer;
  final long acceptedMs;

  /** When it was last given to a worker. */
  long sentMs;

  /** Workers that refused it, in order; almost always empty. */
  private List<Long> refusedBy = List.of();

  Handoff(long id, int listener, Peer peer, long acceptedMs) {
    this.id = id;
    this.listener = listener;
    this.peer = peer;
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
