package io.baton.worker.accesslog;

import io.baton.service.CloseReason;
import io.baton.service.Peer;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/** Entries for tests. */
final class Entries {
  /** 2026-11-29T19:00:00.123Z. */
  static final long TIME_MS = 1_795_978_800_123L;

  private Entries() {}

  static AccessEntry.Subject of(@Nullable String principal) {
    try {
      Peer peer = new Peer.Tcp(InetAddress.getByName("192.0.2.7"), 4711);
      return new AccessEntry.Subject("web", 17, peer, null, principal);
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }

  static RequestEntry.Asked get(String target) {
    return new RequestEntry.Asked(
        "GET", target, "HTTP/1.1", "example.com", "/hello", null, "curl/8.5.0");
  }

  static RequestEntry request(RequestEntry.@Nullable Asked asked, int status) {
    return new RequestEntry(of("alice"), asked, status, 12, 1_234_567, TIME_MS, null);
  }

  static SessionEntry session(String route) {
    return new SessionEntry(
        of("alice"),
        route,
        TIME_MS - 12_345,
        TIME_MS,
        new SessionTraffic(3, 120, 4, 220, 1),
        CloseReason.CLIENT);
  }
}
