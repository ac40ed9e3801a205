package io.baton.examples;

import io.baton.codec.websocket.Handshake;
import io.baton.service.Service;
import io.baton.service.Session;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.util.List;

/** Sends back each message it gets, text as text and bytes as bytes. */
final class EchoWebSocketService implements Service<WebSocketFrame, WebSocketFrame> {

  /** With a client that asks for it, the subprotocol {@code echo} is agreed on. */
  static final class Echoing implements Handshake {
    @Override
    public Service<WebSocketFrame, WebSocketFrame> get() {
      return new EchoWebSocketService();
    }

    @Override
    public List<String> subprotocols() {
      return List.of("echo");
    }
  }

  @Override
  public void received(Session<WebSocketFrame> session, WebSocketFrame message) {
    session.send(message.retain()); // the runtime releases what was received
  }
}
