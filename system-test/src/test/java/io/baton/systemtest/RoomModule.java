package io.baton.systemtest;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.baton.service.Module;
import io.baton.service.Publication;
import io.baton.service.Service;
import io.baton.service.Session;
import io.baton.service.Subscriber;
import io.baton.service.Topics;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.util.Arrays;

/**
 * A user's module whose service {@code room}, for the websocket codec, is one room: each text that
 * a client sends goes to all, and each is told what it has missed, and whether not all will hear
 * it. What is said in {@code heavy-room}, which is another one, is long on its way.
 */
public final class RoomModule implements Module {
  /** Of each message in the other room, on its way. */
  static final int HEAVY_BYTES = 60 * 1024;

  @Override
  public String name() {
    return "rooms";
  }

  @Override
  public void start(Context context) {
    Topics topics = context.topics();
    context.service(
        "room", WebSocketFrame.class, WebSocketFrame.class, () -> new Room("room/one", 0, topics));
    context.service(
        "heavy-room",
        WebSocketFrame.class,
        WebSocketFrame.class,
        () -> new Room("room/heavy", HEAVY_BYTES, topics));
  }

  /** It keeps nothing: the subscription moves along. */
  private static final class Room
      implements Service<WebSocketFrame, WebSocketFrame>, Subscriber<WebSocketFrame> {
    private final String topic;
    private final int bytes;
    private final Topics topics;

    private Room(String topic, int bytes, Topics topics) {
      this.topic = topic;
      this.bytes = bytes;
      this.topics = topics;
    }

    @Override
    public boolean opened(Session<WebSocketFrame> session) {
      session.subscribe(topic);
      return true;
    }

    @Override
    public void received(Session<WebSocketFrame> session, WebSocketFrame message) {
      if (message instanceof TextWebSocketFrame text
          && !topics.publish(topic, padded(text.text().getBytes(UTF_8)))) {
        session.send(new TextWebSocketFrame("(not everybody hears this)"));
      }
    }

    /** Makes it as long as messages here are. */
    private byte[] padded(byte[] text) {
      return Arrays.copyOf(text, Math.max(text.length, bytes));
    }

    @Override
    public void published(Session<WebSocketFrame> session, Publication publication) {
      String text = new String(publication.message(), UTF_8);
      int end = text.indexOf('\0');
      session.send(new TextWebSocketFrame(end < 0 ? text : text.substring(0, end)));
    }

    @Override
    public void missed(Session<WebSocketFrame> session, String topic, long count) {
      session.send(new TextWebSocketFrame("(missed %d)".formatted(count)));
    }

    @Override
    public byte[] save(Session<WebSocketFrame> session) {
      return new byte[0];
    }

    @Override
    public void resumed(Session<WebSocketFrame> session, byte[] saved) {
      // There is nothing to go on with.
    }
  }
}
