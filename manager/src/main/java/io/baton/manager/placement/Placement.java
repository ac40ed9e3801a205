package io.baton.manager.placement;

import io.baton.config.Settings.PlacementKind;
import io.baton.service.Peer;
import java.util.Comparator;
import java.util.List;

/** A policy that picks the worker of a client. Pure: the same arguments give the same answer. */
@FunctionalInterface
public interface Placement {

  /**
   * Picks a worker.
   *
   * @param candidates at least one, in the order of their slots
   * @param peer who is to be placed
   * @param sequence how many clients this listener has placed before
   */
  Candidate choose(List<Candidate> candidates, Peer peer, long sequence);

  /** The policy that the configuration names. */
  static Placement of(PlacementKind kind) {
    return switch (kind) {
      case LEAST_LOAD -> new LeastLoad();
      case LEAST_CONNECTIONS -> least(Comparator.comparingInt(Candidate::connections));
      case ROUND_ROBIN ->
          (candidates, _, sequence) ->
              candidates.get((int) Long.remainderUnsigned(sequence, candidates.size()));
      case PEER_HASH -> new PeerHash();
    };
  }

  /** The candidate that comes first in an order; among equals the one of the lowest slot. */
  static Placement least(Comparator<Candidate> order) {
    return (candidates, _, _) -> {
      Candidate best = candidates.getFirst();
      for (Candidate candidate : candidates) {
        if (order.compare(candidate, best) < 0) {
          best = candidate;
        }
      }
      return best;
    };
  }
}
