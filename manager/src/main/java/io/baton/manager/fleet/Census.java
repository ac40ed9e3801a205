package io.baton.manager.fleet;

import io.baton.config.Settings;
import io.baton.pipe.PeerKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How many connections are open: by listener and, where a listener limits connections per peer, by
 * peer. There is one of the whole server and one of each worker, whose connections end with it.
 *
 * <p>Its size is that of the listeners and of the distinct peers that are there: nothing is kept
 * per connection. Removing what is not there is our own inconsistency.
 */
final class Census {
  private final int[] open;

  /** By listener; null where nothing is limited per peer. */
  private final List<@Nullable Map<PeerKey, Integer>> peers = new ArrayList<>();

  private int total;

  /** Nobody is there. */
  Census(List<Settings.Listener> listeners) {
    open = new int[listeners.size()];
    for (Settings.Listener listener : listeners) {
      peers.add(listener.options().limits().maxConnectionsPerPeer() > 0 ? new HashMap<>() : null);
    }
  }

  void add(int listener, @Nullable PeerKey peer) {
    open[listener]++;
    total++;
    Map<PeerKey, Integer> counts = peers.get(listener);
    if (counts != null && peer != null) {
      counts.merge(peer, 1, Integer::sum);
    }
  }

  /**
   * Whether so many connections of this peer are here, and the peer is named where it has to be.
   */
  boolean has(int listener, @Nullable PeerKey peer, int count) {
    if (listener >= open.length || (peers.get(listener) == null) != (peer == null)) {
      return false;
    }
    return count <= (peer == null ? open[listener] : open(listener, peer));
  }

  void remove(int listener, @Nullable PeerKey peer, int count) {
    if (!has(listener, peer, count)) {
      throw new IllegalStateException(
          "%d connections of listener %d and peer %s end that were never counted"
              .formatted(count, listener, peer));
    }
    open[listener] -= count;
    total -= count;
    Map<PeerKey, Integer> counts = peers.get(listener);
    if (counts != null && peer != null) {
      counts.computeIfPresent(peer, (_, n) -> n == count ? null : Integer.valueOf(n - count));
    }
  }

  /** All that are counted there are gone. */
  void removeAll(Census gone) {
    for (int listener = 0; listener < open.length; listener++) {
      Map<PeerKey, Integer> counts = gone.peers.get(listener);
      if (counts == null) {
        remove(listener, null, gone.open[listener]);
      } else {
        for (Map.Entry<PeerKey, Integer> each : counts.entrySet()) {
          remove(listener, each.getKey(), each.getValue());
        }
      }
    }
  }

  int total() {
    return total;
  }

  int open(int listener) {
    return open[listener];
  }

  int open(int listener, PeerKey peer) {
    Map<PeerKey, Integer> counts = peers.get(listener);
    return counts == null ? 0 : counts.getOrDefault(peer, 0);
  }
}
