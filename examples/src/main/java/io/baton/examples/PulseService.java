package io.baton.examples;

import io.baton.service.Service;
import io.baton.service.Session;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.nio.ByteBuffer;
import java.time.Duration;

/**
 * Tells its client every second which process serves it, and how many seconds that have been:
 * {@code {"pid":4711,"count":12}}. The text {@code ping} is answered with the same at once.
 *
 * <p>The count is the session's: in another worker it goes on.
 */
final class PulseService implements Service<WebSocketFrame, WebSocketFrame> {
  private static final Duration BEAT = Duration.ofSeconds(1);
  private static final byte VERSION = 1;
  private static final int SAVED_BYTES = 1 + Long.BYTES;

  private final long pid;
  private long count;

  PulseService(long pid) {
    this.pid = pid;
  }

  @Override
  public boolean opened(Session<WebSocketFrame> session) {
    begin(session);
    return true;
  }

  @Override
  public void received(Session<WebSocketFrame> session, WebSocketFrame message) {
    if (message instanceof TextWebSocketFrame text && text.text().equals("ping")) {
      tell(session);
    }
  }

  /** Timers stay behind when a session moves: the first beat here says who goes on with it. */
  @Override
  public void resumed(Session<WebSocketFrame> session, byte[] saved) {
    count = read(saved);
    begin(session);
  }

  /** A version, so that the next version of this class can still read it, and the count. */
  @Override
  public byte[] save(Session<WebSocketFrame> session) {
    return ByteBuffer.allocate(SAVED_BYTES).put(VERSION).putLong(count).array();
  }

  private static long read(byte[] saved) {
    if (saved.length != SAVED_BYTES || saved[0] != VERSION) {
      throw new IllegalArgumentException(
          "not a pulse of version %d: %d bytes".formatted(VERSION, saved.length));
    }
    return ByteBuffer.wrap(saved, 1, Long.BYTES).getLong();
  }

  private void begin(Session<WebSocketFrame> session) {
    tell(session);
    session.after(BEAT, () -> beat(session));
  }

  private void beat(Session<WebSocketFrame> session) {
    count++;
    begin(session);
  }

  /** A client that does not read misses some; it would only get them late. */
  private void tell(Session<WebSocketFrame> session) {
    if (session.writable()) {
      session.send(new TextWebSocketFrame("{\"pid\":%d,\"count\":%d}".formatted(pid, count)));
    }
  }
}
