package io.baton.examples;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.baton.service.Replaying;
import io.baton.service.Service;
import io.baton.service.Session;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalLong;

/**
 * Counts how often its client says {@code add}, and tells it then and from time to time, each time
 * under the next number: {@code {"number":12,"count":3,"pid":4711}}.
 *
 * <p>It keeps its last messages, and a client that has lost its connection, or been loaded again,
 * gets those that it has not seen when it is back. A client that was away for longer sees by the
 * numbers that some are missing.
 */
final class CounterService
    implements Service<WebSocketFrame, WebSocketFrame>, Replaying<WebSocketFrame> {
  private static final Duration BEAT = Duration.ofMillis(200);
  private static final int MAX_KEPT = 1_000;
  private static final byte VERSION = 1;
  private static final int HEAD_BYTES = 1 + 2 * Long.BYTES;

  private final long pid;
  private final Deque<String> kept = new ArrayDeque<>();

  /** That of the last message. */
  private long number;

  private long count;

  CounterService(long pid) {
    this.pid = pid;
  }

  @Override
  public boolean opened(Session<WebSocketFrame> session) {
    beat(session);
    return true;
  }

  @Override
  public void received(Session<WebSocketFrame> session, WebSocketFrame message) {
    if (message instanceof TextWebSocketFrame text && text.text().equals("add")) {
      count++;
      tell(session);
    }
  }

  @Override
  public void back(Session<WebSocketFrame> session, OptionalLong last) {
    long missing = number - last.orElse(0);
    kept.stream()
        .skip(Math.max(0, kept.size() - missing))
        .forEach(each -> session.send(new TextWebSocketFrame(each)));
  }

  private void beat(Session<WebSocketFrame> session) {
    tell(session);
    session.after(BEAT, () -> beat(session));
  }

  private void tell(Session<WebSocketFrame> session) {
    String message = "{\"number\":%d,\"count\":%d,\"pid\":%d}".formatted(++number, count, pid);
    kept.addLast(message);
    if (kept.size() > MAX_KEPT) {
      kept.removeFirst();
    }
    session.send(new TextWebSocketFrame(message));
  }

  /** A version, the number, the count, and the messages that are kept, a line each. */
  @Override
  public byte[] save(Session<WebSocketFrame> session) {
    byte[] lines = String.join("\n", kept).getBytes(US_ASCII);
    return ByteBuffer.allocate(HEAD_BYTES + lines.length)
        .put(VERSION)
        .putLong(number)
        .putLong(count)
        .put(lines)
        .array();
  }

  @Override
  public void resumed(Session<WebSocketFrame> session, byte[] saved) {
    if (saved.length < HEAD_BYTES || saved[0] != VERSION) {
      throw new IllegalArgumentException(
          "not a counter of version %d: %d bytes".formatted(VERSION, saved.length));
    }
    ByteBuffer from = ByteBuffer.wrap(saved, 1, saved.length - 1);
    number = from.getLong();
    count = from.getLong();
    US_ASCII.decode(from).toString().lines().forEach(kept::addLast);
    session.after(BEAT, () -> beat(session)); // timers stay behind when a session moves
  }
}
