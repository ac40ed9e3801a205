package io.baton.systemtest;

import io.baton.codec.http.HttpService;
import io.baton.service.Module;
import io.baton.service.Service;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;

/**
 * A user's module whose service {@code where}, for the http codec, answers with the kind of its
 * thread, {@value #PLATFORM} or {@value #VIRTUAL}; after {@code ?bytes=N}, with so many bytes. Its
 * service {@code where-socket} does the same for each message of a WebSocket.
 */
public final class LanesModule implements Module {
  static final String PLATFORM = "platform";
  static final String VIRTUAL = "virtual";

  @Override
  public String name() {
    return "lanes";
  }

  @Override
  public void start(Context context) {
    context.service(
        "where",
        FullHttpRequest.class,
        HttpObject.class,
        HttpService.of(exchange -> {
          int bytes = exchange.query("bytes").map(Integer::parseInt).orElse(0);
          exchange.text(bytes == 0 ? kind() : "x".repeat(bytes));
        }));
    Service<WebSocketFrame, WebSocketFrame> socket =
        (session, _) -> session.send(new TextWebSocketFrame(kind()));
    context.service("where-socket", WebSocketFrame.class, WebSocketFrame.class, () -> socket);
  }

  private static String kind() {
    return Thread.currentThread().isVirtual() ? VIRTUAL : PLATFORM;
  }
}
