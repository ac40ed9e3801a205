package io.baton.worker.codec.websocket;

import io.netty.handler.codec.http.HttpRequest;
import org.jspecify.annotations.Nullable;

/**
 * The offer of a client that cannot choose subprotocols, in its request's query: {@code
 * ?baton.resume} if it understands a welcome, {@code ?baton.resume=KEY.TOKEN.LAST} if it wants to
 * go on with a session. Only where the listener allows it: queries get into logs.
 */
final class ResumeQuery {
  private static final String MASKED = "***";

  private ResumeQuery() {}

  /**
   * Returns what is offered, empty for a welcome only, and masks it in the request, which others
   * will look at; null if nothing is.
   */
  static @Nullable String take(HttpRequest request) {
    String target = request.uri();
    int query = target.indexOf('?');
    if (query < 0) {
      return null;
    }
    String[] all = target.substring(query + 1).split("&", -1);
    String offer = null;
    for (int i = 0; i < all.length; i++) {
      String[] pair = all[i].split("=", 2);
      if (pair[0].equals(ResumeOffer.NAME)) {
        offer = pair.length == 2 ? pair[1] : "";
        all[i] = ResumeOffer.NAME + "=" + MASKED;
      }
    }
    if (offer != null) {
      request.setUri(target.substring(0, query + 1) + String.join("&", all));
    }
    return offer;
  }
}
