package io.baton.worker.codec.websocket;

import static java.util.stream.Collectors.toUnmodifiableSet;

import io.baton.codec.http.RequestTarget;
import io.baton.config.WebOrigin;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import java.util.List;
import java.util.Set;

/**
 * The pages that may open a WebSocket of one route (RFC 6455, 10.2). A browser lets any page open
 * one, and sends its user's cookies along; it says in {@code Origin} which page it is. Clients that
 * are no browsers send no origin, and are admitted. Any thread.
 *
 * @param all whether all pages may
 * @param listed those that may; empty: those of the host that the request names
 */
record Origins(boolean all, Set<WebOrigin> listed) {

  /**
   * Returns those of a route.
   *
   * @param configured as {@code Settings.HttpRoute} has them
   */
  static Origins of(List<String> configured) {
    return configured.contains(WebOrigin.ANY)
        ? new Origins(true, Set.of())
        : new Origins(
            false, configured.stream().map(WebOrigin::parse).collect(toUnmodifiableSet()));
  }

  boolean admit(HttpRequest request) {
    List<String> said = request.headers().getAll(HttpHeaderNames.ORIGIN);
    if (said.isEmpty() || all) {
      return true;
    }
    if (said.size() > 1) {
      return false;
    }
    try {
      WebOrigin origin = WebOrigin.parse(said.getFirst());
      return listed.isEmpty() ? origin.isOf(host(request)) : listed.contains(origin);
    } catch (IllegalArgumentException _) {
      return false; // "null" is that of a page that does not want to say, or may not
    }
  }

  /** What the request is addressed to: an absolute target overrides Host (RFC 9112, 3.2.2). */
  private static String host(HttpRequest request) {
    String target = request.uri();
    int authority = RequestTarget.authorityAt(target);
    return authority >= 0
        ? target.substring(authority, RequestTarget.authorityEnd(target, authority))
        : request.headers().get(HttpHeaderNames.HOST, "");
  }
}
