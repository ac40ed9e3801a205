package io.baton.manager.placement;

import io.baton.service.Peer;
import java.util.List;

/**
 * The same worker for the same address, context id or user, by rendezvous hashing (Thaler and
 * Ravishankar, 1998) over slots: when a worker is missing only its own peers go elsewhere, and they
 * return with its replacement.
 */
final class PeerHash implements Placement {

  @Override
  public Candidate choose(List<Candidate> candidates, Peer peer, long sequence) {
    long key = key(peer);
    Candidate best = candidates.getFirst();
    for (Candidate candidate : candidates) {
      if (Long.compareUnsigned(weight(key, candidate), weight(key, best)) > 0) {
        best = candidate;
      }
    }
    return best;
  }

  private static long key(Peer peer) {
    return switch (peer) {
      case Peer.Tcp tcp -> {
        long hash = 0;
        for (byte b : tcp.address().getAddress()) {
          hash = hash * 31 + b;
        }
        yield hash;
      }
      case Peer.Vsock vsock -> vsock.cid();
      case Peer.Unix unix -> unix.uid();
      case Peer.VsockUnix machine -> String.valueOf(machine.socket()).hashCode();
    };
  }

  /** The finalizer of splitmix64 over both: every bit of either changes every bit of the weight. */
  private static long weight(long key, Candidate candidate) {
    long z = mix(key + 0x9E37_79B9_7F4A_7C15L) + candidate.slot();
    return mix(z + 0x9E37_79B9_7F4A_7C15L);
  }

  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58_476D_1CE4_E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D0_49BB_1331_11EBL;
    return z ^ (z >>> 31);
  }
}
