package io.baton.codec.websocket;

import io.baton.service.Service;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The factory of a WebSocket's service that has a say in the handshake (RFC 6455, 4.2): which
 * clients may open a WebSocket, and which subprotocols they may choose. A module registers it in
 * place of a plain supplier.
 *
 * <p><b>Threading.</b> {@link #subprotocols}, {@link #kept} and {@link #allows} are called on the
 * event loop and must not block; {@code get} is called in the session's lane, once per session.
 *
 * <p><b>Errors.</b> An exception of one of these is logged and answered with 500; one of {@code
 * get} ends the session with {@link io.baton.service.CloseReason#ERROR}.
 */
public interface Handshake extends Supplier<Service<WebSocketFrame, WebSocketFrame>> {

  /** Returns the subprotocols that the service speaks (RFC 6455, 1.9), the preferred one first. */
  default List<String> subprotocols() {
    return List.of();
  }

  /**
   * Returns whether this client may open the WebSocket; if not, it gets a 403. Pages that may not,
   * by the key {@code origins} of the route, have got theirs before and are not asked about.
   *
   * @param request owned by the runtime; valid during the call only
   */
  default boolean allows(HttpRequest request) {
    return true;
  }

  /**
   * Returns the names of the request's header fields that {@link
   * io.baton.service.Session#handshake} has, besides method and target; none by default. A request
   * with more than 8 KiB of these is refused with 431.
   */
  default Set<String> kept() {
    return Set.of();
  }

  /** Makes the service of a session that speaks one of {@link #subprotocols}. */
  default Service<WebSocketFrame, WebSocketFrame> get(String subprotocol) {
    return get();
  }
}
