package io.baton.bench;

import io.baton.service.Module;
import io.baton.service.Resumable;
import io.baton.service.Service;
import io.baton.service.Session;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;

/**
 * Brings the service {@code waiting}: an echo that waits for clients that lost their connection.
 */
public final class WaitingModule implements Module {
  @Override
  public String name() {
    return "waiting";
  }

  @Override
  public void start(Context context) {
    context.service("waiting", WebSocketFrame.class, WebSocketFrame.class, Waiting::new);
  }

  private static final class Waiting
      implements Service<WebSocketFrame, WebSocketFrame>, Resumable<WebSocketFrame> {
    @Override
    public void received(Session<WebSocketFrame> session, WebSocketFrame message) {
      session.send(message.retain());
    }
  }
}
