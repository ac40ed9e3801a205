package io.baton.worker.codec.http;

import io.baton.codec.http.RequestTarget;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import java.util.Locale;

/**
 * What a request's route is found by.
 *
 * @param authority of the request, perhaps with a port
 * @param target as the client wrote it
 */
public record RequestKey(String method, String authority, String target) {

  /** An absolute target overrides Host (RFC 9112, 3.2.2). */
  public static RequestKey of(HttpRequest request) {
    String target = request.uri();
    int from = target.startsWith("/") ? -1 : RequestTarget.authorityAt(target);
    String authority =
        from >= 0
            ? target.substring(from, RequestTarget.authorityEnd(target, from))
            : request.headers().get(HttpHeaderNames.HOST, "");
    return new RequestKey(request.method().name(), authority, target);
  }

  /** Returns the host without a port and without a dot at its end, in lower case. */
  String host() {
    int colon = authority.lastIndexOf(':');
    boolean hasPort = colon > authority.lastIndexOf(']');
    String host = hasPort ? authority.substring(0, colon) : authority;
    String name = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
    return name.toLowerCase(Locale.ROOT);
  }
}
