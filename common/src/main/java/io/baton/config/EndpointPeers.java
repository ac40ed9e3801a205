package io.baton.config;

import io.baton.service.Endpoint;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The kinds of peers that can connect to an endpoint. */
final class EndpointPeers {
  private EndpointPeers() {}

  /**
   * Returns what is allowed instead of the first range that no peer of the endpoint can be in.
   *
   * @return null if there is no such range
   */
  static @Nullable String misfit(List<PeerRange> ranges, Endpoint endpoint) {
    for (PeerRange range : ranges) {
      if (!fits(range, endpoint)) {
        return "only %s for %s, not %s".formatted(kinds(endpoint), endpoint, range);
      }
    }
    return null;
  }

  private static boolean fits(PeerRange range, Endpoint endpoint) {
    return switch (endpoint) {
      case Endpoint.Tcp _ -> range instanceof PeerRange.Network;
      case Endpoint.Vsock _ -> range instanceof PeerRange.Cid;
      case Endpoint.Unix _, Endpoint.VsockUnix _ -> range instanceof PeerRange.Uid;
    };
  }

  private static String kinds(Endpoint endpoint) {
    return switch (endpoint) {
      case Endpoint.Tcp _ -> "addresses and networks";
      case Endpoint.Vsock _ -> "cid N";
      case Endpoint.Unix _, Endpoint.VsockUnix _ -> "uid N";
    };
  }
}
