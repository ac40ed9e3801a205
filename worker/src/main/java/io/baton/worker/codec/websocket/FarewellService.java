package io.baton.worker.codec.websocket;

import io.baton.service.Service;
import io.baton.service.Session;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;

/** Closes a WebSocket at once that was opened only to tell a page why it gets no session. */
record FarewellService(CloseCode why) implements Service<WebSocketFrame, WebSocketFrame> {

  @Override
  public boolean opened(Session<WebSocketFrame> session) {
    session.send(why.frame());
    return true;
  }

  @Override
  public void received(Session<WebSocketFrame> session, WebSocketFrame message) {
    // The client has not read the close yet.
  }

  @Override
  public byte[] save(Session<WebSocketFrame> session) {
    return new byte[0];
  }

  @Override
  public void resumed(Session<WebSocketFrame> session, byte[] saved) {
    throw new IllegalStateException("a WebSocket that is being closed does not move");
  }
}
