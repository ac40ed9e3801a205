package io.baton.manager.fleet;

import io.baton.config.Settings;
import io.baton.pipe.PeerKey;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How many connections somebody holds, or sessions whose clients are away: by listener and, where
 * they are told apart, by peer. There is one of each worker, whose connections end with it, and one
 * of the manager itself; what is open is their sum.
 *
 * <p>Its size is that of the listeners and of the distinct peers that are there: nothing is kept
 * per connection.
 */
final class Census {
  /** So many are held at most, so that those of two can be added. */
  static final int MOST = Integer.MAX_VALUE / 2;

  /** Of one listener. */
  private static final class Tally {
    /** Null where peers are not told apart. */
    final @Nullable Map<PeerKey, Integer> peers;

    int open;

    Tally(boolean byPeer) {
      peers = byPeer ? new HashMap<>() : null;
    }

    int open(PeerKey peer) {
      return peers == null ? 0 : peers.getOrDefault(peer, 0);
    }

    boolean remove(@Nullable PeerKey peer, int count) {
      if (peers == null || peer == null) {
        if (count > open) {
          return false;
        }
      } else {
        if (count > open(peer)) {
          return false;
        }
        peers.computeIfPresent(peer, (_, n) -> n == count ? null : Integer.valueOf(n - count));
      }
      open -= count;
      return true;
    }
  }

  private final Map<Integer, Tally> tallies = new HashMap<>();
  private final boolean ofAnyListener;
  private int total;

  /** The manager's: of any listener, and by peer. */
  Census() {
    ofAnyListener = true;
  }

  /** That of a worker, which knows its generation's listeners and names peers as those say. */
  Census(Generation generation) {
    ofAnyListener = false;
    for (int i = 0; i < generation.listeners().size(); i++) {
      Settings.Listener listener = generation.settings().listeners().get(i);
      tallies.put(
          generation.listeners().get(i),
          new Tally(listener.options().limits().maxConnectionsPerPeer() > 0));
    }
  }

  void add(int listener, PeerKey peer) {
    Tally tally =
        ofAnyListener
            ? tallies.computeIfAbsent(listener, _ -> new Tally(true))
            : tallies.get(listener);
    if (tally == null) {
      throw new IllegalStateException("no listener " + listener + " is known there");
    }
    tally.open++;
    total++;
    if (tally.peers != null) {
      tally.peers.merge(peer, 1, Integer::sum);
    }
  }

  /**
   * Connections have come to count here.
   *
   * @param peer named exactly where peers are told apart
   * @return false, and nothing is changed, if there is no such listener, peer is wrongly named, or
   *     these would be more than can be counted
   */
  boolean arrived(int listener, @Nullable PeerKey peer, int count) {
    Tally tally = tallies.get(listener);
    if (tally == null || (tally.peers == null) != (peer == null) || count > MOST - total) {
      return false;
    }
    tally.open += count;
    total += count;
    if (tally.peers != null && peer != null) {
      tally.peers.merge(peer, count, Integer::sum);
    }
    return true;
  }

  /**
   * One connection is no longer held.
   *
   * @return false, and nothing is changed, if there is no such connection
   */
  boolean remove(int listener, PeerKey peer) {
    Tally tally = tallies.get(listener);
    return tally != null && remove(tally, peer, 1);
  }

  /**
   * Connections have ended.
   *
   * @param peer named exactly where peers are told apart
   * @return false, and nothing is changed, if there are no such connections
   */
  boolean departed(int listener, @Nullable PeerKey peer, int count) {
    Tally tally = tallies.get(listener);
    return tally != null && (tally.peers == null) == (peer == null) && remove(tally, peer, count);
  }

  private boolean remove(Tally tally, @Nullable PeerKey peer, int count) {
    boolean removed = tally.remove(peer, count);
    if (removed) {
      total -= count;
    }
    return removed;
  }

  int total() {
    return total;
  }

  int open(int listener) {
    Tally tally = tallies.get(listener);
    return tally == null ? 0 : tally.open;
  }

  /** 0 where peers are not told apart. */
  int open(int listener, PeerKey peer) {
    Tally tally = tallies.get(listener);
    return tally == null ? 0 : tally.open(peer);
  }
}
