package io.baton.worker.session;

import io.baton.pipe.PeerKey;
import java.util.HashMap;
import java.util.Map;

/**
 * Clients beyond a limit that may turn out to come back to their sessions: how many of them are
 * there, and so are read until they have said which. At most {@value #MAX} of this worker at a time
 * and {@value #MAX_OF_PEER} of a peer, none for longer than {@value #PATIENCE_MS} ms. Event loop
 * only.
 */
public final class LimitedClients {
  static final int MAX = 256;
  static final int MAX_OF_PEER = 16;

  /** Time within which such a client has to have said whose it is. */
  public static final long PATIENCE_MS = 10_000;

  private final Map<PeerKey, Integer> peers = new HashMap<>();
  private int all;

  /**
   * One more wants to come.
   *
   * @return false if there are too many already
   */
  public boolean admits(PeerKey peer) {
    return all < MAX && peers.getOrDefault(peer, 0) < MAX_OF_PEER;
  }

  /** One has come. */
  public void enter(PeerKey peer) {
    all++;
    peers.merge(peer, 1, Integer::sum);
  }

  /** One has its session, or is gone. */
  public void leave(PeerKey peer) {
    all--;
    peers.computeIfPresent(peer, (_, n) -> n == 1 ? null : Integer.valueOf(n - 1));
  }
}
