package io.baton.worker.codec.websocket;

import io.baton.codec.Flow;
import io.baton.codec.Saved;
import io.baton.codec.UnderWay;
import io.baton.service.CloseReason;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;

/**
 * A session whose stream of bytes comes in the messages of a WebSocket, as the runtime steers it.
 *
 * @param route of the session
 * @param inside the part of the codec that reads the stream
 */
record ByteStreamFlow(String route, ByteStreamHandler frames, Flow inside) implements Flow {

  /** The WebSocket's, whatever the codec inside knows of routes. */
  @Override
  public String route() {
    return route;
  }

  @Override
  public Phase phase() {
    return inside.phase();
  }

  @Override
  public int maxMessage() {
    return inside.maxMessage();
  }

  @Override
  public boolean takeActivity() {
    return inside.takeActivity();
  }

  @Override
  public boolean endsIdle() {
    return inside.endsIdle();
  }

  @Override
  public void resume() {
    inside.resume();
  }

  @Override
  public void processed() {
    inside.processed();
  }

  @Override
  public void attached() {
    inside.attached();
  }

  @Override
  public void probe() {
    inside.probe();
  }

  @Override
  public void welcome() {
    inside.welcome();
  }

  @Override
  public Optional<Saved> save() {
    return inside.save().map(saved -> ByteStreamContext.saved(saved, frames));
  }

  @Override
  public Optional<Saved> handOver() {
    return inside.handOver().map(saved -> ByteStreamContext.saved(saved, frames));
  }

  @Override
  public void ended(CloseReason why) {
    inside.ended(why);
  }

  @Override
  public String current() {
    return inside.current();
  }

  @Override
  public UnderWay underWay() {
    return inside.underWay();
  }

  @Override
  public Map<String, String> details() {
    return inside.details();
  }

  @Override
  public void discard() {
    inside.discard();
    frames.discard();
  }

  @Override
  public void drain() {
    inside.drain();
  }

  @Override
  public void superseded() {
    inside.superseded();
    frames.close(WebSocketCloseStatus.NORMAL_CLOSURE);
  }

  @Override
  public void redirected() {
    inside.redirected();
    frames.close(WebSocketCloseStatus.SERVICE_RESTART);
  }

  @Override
  public boolean admits(ByteBuffer proof) {
    return inside.admits(proof);
  }

  @Override
  public boolean asksForSignOfLife() {
    return inside.asksForSignOfLife();
  }

  @Override
  public void goodbye(CloseReason why) {
    inside.goodbye(why);
    switch (why) {
      case PROTOCOL -> {
        WebSocketCloseStatus its = frames.violation();
        frames.close(its == null ? WebSocketFlow.status(why) : its);
      }
      case SERVICE, CLIENT, ERROR, TIMEOUT, LIMIT, SHUTDOWN ->
          frames.close(WebSocketFlow.status(why));
      case UPGRADED, MOVED -> {
        // The client is not to notice.
      }
    }
  }
}
