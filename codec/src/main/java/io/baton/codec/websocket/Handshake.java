package io.baton.codec.websocket;

import io.baton.service.Service;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.util.List;
import java.util.function.Supplier;

/**
 * What the factory that a module registers for a WebSocket's service may also be, to have a say in
 * the handshake. Called on the event loop: must not block.
 */
public interface Handshake extends Supplier<Service<WebSocketFrame, WebSocketFrame>> {

  /** What the service speaks (RFC 6455, 1.9), the preferred first. */
  default List<String> subprotocols() {
    return List.of();
  }

  /**
   * Whether this client may open the WebSocket; if not, it gets a 403. A browser sends its user's
   * cookies along from any page, so a service that trusts them looks at {@code Origin} here.
   */
  default boolean allows(HttpRequest request) {
    return true;
  }

  /** The service of a session that speaks one of {@link #subprotocols}. */
  default Service<WebSocketFrame, WebSocketFrame> get(String subprotocol) {
    return get();
  }
}
