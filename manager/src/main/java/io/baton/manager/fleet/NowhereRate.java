package io.baton.manager.fleet;

import io.baton.pipe.PeerKey;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How often a peer is told that there is no such session: at once so many times as clients of one
 * address may lose their sessions together, and then at a rate. A client beyond that is told to try
 * again later, which costs it nothing that it had: one whose session is there is put back on it
 * however many others behind the same address guess or repeat keys, and none is banned.
 *
 * <pre>
 *   a bucket of {@value #BURST} for each peer; each NOWHERE takes one; {@value #PER_SECOND} come back per second
 * </pre>
 *
 * <p>Bounded: of at most {@value #MAX_PEERS} peers. A full bucket is not kept; beyond that the peer
 * that was quiet for longest is forgotten, and has a full one again.
 */
final class NowhereRate {
  static final int BURST = 256;
  static final int PER_SECOND = 16;
  static final int MAX_PEERS = 10_000;

  private static final long TOKEN_MS = 1_000 / PER_SECOND;

  /** By peer: when its bucket is full again. Those that took one last are behind. */
  private final Map<PeerKey, Long> fullAtMs = new LinkedHashMap<>(16, 0.75f, true);

  /** Whether the peer may be told once more now; then it counts as told. */
  boolean admits(PeerKey peer, long nowMs) {
    long fullAt = Math.max(nowMs, fullAtMs.getOrDefault(peer, nowMs)) + TOKEN_MS;
    if (fullAt - nowMs > BURST * TOKEN_MS) {
      return false;
    }
    fullAtMs.put(peer, fullAt);
    forget(nowMs);
    return true;
  }

  /** Of those quiet for longest: the ones that are full, and what is too many. */
  private void forget(long nowMs) {
    Iterator<Long> quietest = fullAtMs.values().iterator();
    while (quietest.hasNext() && (quietest.next() <= nowMs || fullAtMs.size() > MAX_PEERS)) {
      quietest.remove();
    }
  }

  /** Peers that are remembered. */
  int size() {
    return fullAtMs.size();
  }
}
