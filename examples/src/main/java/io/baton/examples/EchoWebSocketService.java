package io.baton.examples;

import io.baton.service.Service;
import io.baton.service.Session;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;

/** Sends back each message it gets, text as text and bytes as bytes. */
final class EchoWebSocketService implements Service<WebSocketFrame, WebSocketFrame> {

  @Override
  public void received(Session<WebSocketFrame> session, WebSocketFrame message) {
    session.send(message.retain()); // the runtime releases what was received
  }
}
