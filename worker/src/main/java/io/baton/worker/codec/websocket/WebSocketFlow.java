package io.baton.worker.codec.websocket;

import io.baton.codec.Flow;
import io.baton.codec.Saved;
import io.baton.codec.Window;
import io.baton.service.CloseReason;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import java.nio.ByteBuffer;
import java.util.Optional;

/** A WebSocket as the runtime steers it. */
record WebSocketFlow(
    Window window,
    WebSocketEncoder encoder,
    WebSocketDecoder decoder,
    ResumeState resumeState,
    boolean packs)
    implements Flow {

  @Override
  public Phase phase() {
    if (encoder.closedBy() != null) {
      return Phase.HEAD; // what is left to come is one frame, and it is due
    }
    if (decoder.isWaiting()) {
      return Phase.ANSWER;
    }
    return decoder.inMessage() ? Phase.BODY : Phase.IDLE;
  }

  @Override
  public void resume() {
    decoder.resume();
  }

  @Override
  public void discard() {
    decoder.discard();
  }

  @Override
  public Optional<Saved> save() {
    if (encoder.closedBy() != null || decoder.closeCame()) {
      return Optional.empty();
    }
    return Optional.of(
        new WebSocketCodec.State(packs, resumeState.tokens()).saved(decoder.saved()));
  }

  @Override
  public void welcome() {
    encoder.first(new TextWebSocketFrame(resumeState.begin().text()));
  }

  @Override
  public void superseded() {
    encoder.close(CloseCode.SUPERSEDED.frame(), CloseReason.SERVICE);
  }

  @Override
  public void redirected() {
    close(WebSocketCloseStatus.SERVICE_RESTART, CloseReason.SERVICE);
  }

  @Override
  public boolean admits(ByteBuffer proof) {
    return resumeState.isShown(proof);
  }

  /**
   * Asks the client to go. What it sent before it heard of that is still handed out; the session
   * ends with its answer. Answers of the service that are not sent yet would be lost, so this waits
   * until no message handed out is unprocessed.
   */
  @Override
  public void drain() {
    if (window.quiet()) {
      close(WebSocketCloseStatus.SERVICE_RESTART, CloseReason.SHUTDOWN);
    }
  }

  @Override
  public void goodbye(CloseReason why) {
    switch (why) {
      case PROTOCOL -> {
        WebSocketCloseStatus wrong = decoder.farewell();
        if (wrong == null) {
          close(WebSocketCloseStatus.PROTOCOL_ERROR, why);
        } else {
          answer(wrong, why);
        }
      }
      case CLIENT -> {
        WebSocketCloseStatus said = decoder.farewell();
        if (said != null) { // else it has left without a word
          answer(said, why);
        }
      }
      case SERVICE, ERROR, TIMEOUT, LIMIT, SHUTDOWN -> close(status(why), why);
      case UPGRADED, MOVED -> {
        // The client is not to notice.
      }
    }
  }

  /** Returns what a client is told when its session ends for this reason. */
  static WebSocketCloseStatus status(CloseReason why) {
    return switch (why) {
      case ERROR -> WebSocketCloseStatus.INTERNAL_SERVER_ERROR;
      case TIMEOUT -> WebSocketCloseStatus.ENDPOINT_UNAVAILABLE;
      case LIMIT -> WebSocketCloseStatus.TRY_AGAIN_LATER;
      case SHUTDOWN -> WebSocketCloseStatus.SERVICE_RESTART;
      case PROTOCOL -> WebSocketCloseStatus.PROTOCOL_ERROR;
      case SERVICE, CLIENT, UPGRADED, MOVED -> WebSocketCloseStatus.NORMAL_CLOSURE;
    };
  }

  private void close(WebSocketCloseStatus status, CloseReason why) {
    encoder.close(new CloseWebSocketFrame(status, ""), why);
  }

  private void answer(WebSocketCloseStatus status, CloseReason why) {
    CloseWebSocketFrame frame =
        status.equals(WebSocketCloseStatus.EMPTY)
            ? new CloseWebSocketFrame(true, 0, Unpooled.EMPTY_BUFFER)
            : new CloseWebSocketFrame(status, status.reasonText());
    encoder.close(frame, why);
  }
}
