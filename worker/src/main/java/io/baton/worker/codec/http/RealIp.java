package io.baton.worker.codec.http;

import io.baton.config.PeerRange;
import io.baton.config.Settings;
import io.baton.service.Peer;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * Whose request it is, where trusted proxies pass on the requests of several clients over one
 * connection. It goes to the service as the header field {@value #FIELD}, in place of whatever the
 * client has written there.
 *
 * @param rule which proxies are trusted, and what they write
 */
record RealIp(Settings.RealIp rule) {
  static final String FIELD = "x-real-ip";

  /** Changes the request's headers. */
  void apply(HttpHeaders headers, Peer peer) {
    InetAddress client = client(headers, peer);
    if (client == null) {
      headers.remove(FIELD);
    } else {
      headers.set(FIELD, client.getHostAddress());
    }
  }

  /**
   * Returns the last address that no trusted proxy has: who comes from there is whom the proxy
   * behind it has seen. If all are trusted, it is the first one that is written.
   */
  @Nullable InetAddress client(HttpHeaders headers, Peer peer) {
    InetAddress seen = peer instanceof Peer.Tcp tcp ? tcp.address() : null;
    if (!isTrusted(peer)) {
      return seen;
    }
    for (InetAddress each : ForwardedFor.fromTheEnd(rule.header(), headers)) {
      seen = each;
      if (!isTrusted(new Peer.Tcp(each, 0))) {
        break;
      }
    }
    return seen;
  }

  private boolean isTrusted(Peer peer) {
    return PeerRange.contains(rule.from(), peer);
  }
}
