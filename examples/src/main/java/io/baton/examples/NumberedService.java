package io.baton.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.baton.service.CloseReason;
import io.baton.service.Replaying;
import io.baton.service.Service;
import io.baton.service.Session;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalLong;

/**
 * A service that numbers what it tells its client, {@code 12 text}, and keeps the last {@value
 * #MAX_KEPT} of that: a client that was away gets again what it has not seen. Both move along.
 */
abstract class NumberedService
    implements Service<WebSocketFrame, WebSocketFrame>, Replaying<WebSocketFrame> {
  static final int MAX_KEPT = 200;

  private static final byte VERSION = 2;

  private final Deque<String> kept = new ArrayDeque<>();

  /** That of the last message. */
  private long number;

  /** The client has come: once, wherever it moves. */
  abstract void enters(Session<WebSocketFrame> session);

  /** The client has come, is away, is back, or has gone. */
  abstract void changed(Session<WebSocketFrame> session);

  /** Tells the client something; in the lane. */
  final void tell(Session<WebSocketFrame> session, String text) {
    String numbered = ++number + " " + text;
    kept.addLast(numbered);
    if (kept.size() > MAX_KEPT) {
      kept.removeFirst();
    }
    session.send(new TextWebSocketFrame(numbered));
  }

  @Override
  public final boolean opened(Session<WebSocketFrame> session) {
    enters(session);
    changed(session);
    return true;
  }

  @Override
  public final void closed(Session<WebSocketFrame> session, CloseReason why) {
    if (why != CloseReason.MOVED) {
      changed(session);
    }
  }

  @Override
  public final void away(Session<WebSocketFrame> session) {
    changed(session);
  }

  @Override
  public final void back(Session<WebSocketFrame> session, OptionalLong last) {
    long missed = number - last.orElse(0);
    kept.stream()
        .skip(Math.max(0, kept.size() - missed))
        .forEach(each -> session.send(new TextWebSocketFrame(each)));
    changed(session);
  }

  @Override
  public final byte[] save(Session<WebSocketFrame> session) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream to = new DataOutputStream(bytes)) {
      to.writeByte(VERSION);
      to.writeLong(number);
      to.writeByte(kept.size());
      for (String each : kept) {
        byte[] text = each.getBytes(UTF_8);
        to.writeInt(text.length);
        to.write(text);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  @Override
  public final void resumed(Session<WebSocketFrame> session, byte[] saved) {
    try (DataInputStream from = new DataInputStream(new ByteArrayInputStream(saved))) {
      if (from.readByte() != VERSION) {
        throw new IllegalArgumentException("not saved by version " + VERSION);
      }
      number = from.readLong();
      for (int left = from.readUnsignedByte(); left > 0; left--) {
        byte[] text = new byte[Math.min(from.readInt(), from.available())];
        from.readFully(text);
        kept.addLast(new String(text, UTF_8));
      }
    } catch (IOException e) {
      throw new IllegalArgumentException("what was saved is cut off", e);
    }
  }
}
