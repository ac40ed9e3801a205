package io.baton.worker.session;

import io.baton.pipe.PeerKey;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The sessions of this worker that wait for their clients: of each listener so many at most, and of
 * each of its peers. The one that has waited for longest makes room for the next. Event loop only.
 */
final class AwaySessions {
  /** Of one listener, in the order in which they lost their clients. */
  private static final class Waiting {
    final LinkedHashMap<ManagedSession, Runnable> all = new LinkedHashMap<>();
    final Map<PeerKey, LinkedHashMap<ManagedSession, Runnable>> peers = new HashMap<>(0);
  }

  private boolean unbounded;

  /** By the listener's name. */
  private final Map<String, Waiting> listeners = new HashMap<>();

  /** How many may wait; 0 of a peer: as many as of the listener. */
  record Bounds(int ofListener, int ofPeer) {}

  /**
   * All may wait from now on: this worker ends, and other machines are to take the sessions that it
   * has, which are no more by waiting.
   */
  void lift() {
    unbounded = true;
  }

  /**
   * A session has lost its client.
   *
   * @param displace ends it, if it has to make room
   */
  void enter(
      String listener, Bounds bounds, PeerKey peer, ManagedSession session, Runnable displace) {
    Waiting waiting = listeners.computeIfAbsent(listener, _ -> new Waiting());
    waiting.all.put(session, displace);
    if (bounds.ofPeer > 0) {
      LinkedHashMap<ManagedSession, Runnable> its =
          waiting.peers.computeIfAbsent(peer, _ -> new LinkedHashMap<>());
      its.put(session, displace);
      if (its.size() > bounds.ofPeer && !unbounded) {
        its.firstEntry().getValue().run();
        return;
      }
    }
    if (waiting.all.size() > bounds.ofListener && !unbounded) {
      waiting.all.firstEntry().getValue().run();
    }
  }

  /** Its client is back, or it has ended. */
  void leave(String listener, PeerKey peer, ManagedSession session) {
    Waiting waiting = listeners.get(listener);
    if (waiting != null) {
      waiting.all.remove(session);
      waiting.peers.computeIfPresent(
          peer,
          (_, its) -> {
            its.remove(session);
            return its.isEmpty() ? null : its;
          });
    }
  }
}
