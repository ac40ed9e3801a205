package io.baton.systemtest;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.baton.service.Module;
import io.baton.service.Publication;
import io.baton.service.Service;
import io.baton.service.Session;
import io.baton.service.Subscriber;
import io.baton.service.Topics;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;

/**
 * A user's module whose service {@code room}, for the websocket codec, is one room: each text that
 * a client sends goes to all, and each is told what it has missed, and whether not all will hear
 * it.
 */
public final class RoomModule implements Module {
  private static final String ROOM = "room/one";

  @Override
  public String name() {
    return "rooms";
  }

  @Override
  public void start(Context context) {
    Topics topics = context.topics();
    context.service("room", WebSocketFrame.class, WebSocketFrame.class, () -> new Room(topics));
  }

  /** It keeps nothing: the subscription moves along. */
  private static final class Room
      implements Service<WebSocketFrame, WebSocketFrame>, Subscriber<WebSocketFrame> {
    private final Topics topics;

    private Room(Topics topics) {
      this.topics = topics;
    }

    @Override
    public boolean opened(Session<WebSocketFrame> session) {
      session.subscribe(ROOM);
      return true;
    }

    @Override
    public void received(Session<WebSocketFrame> session, WebSocketFrame message) {
      if (message instanceof TextWebSocketFrame text
          && !topics.publish(ROOM, text.text().getBytes(UTF_8))) {
        session.send(new TextWebSocketFrame("(not everybody hears this)"));
      }
    }

    @Override
    public void published(Session<WebSocketFrame> session, Publication publication) {
      session.send(new TextWebSocketFrame(Unpooled.wrappedBuffer(publication.message())));
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
