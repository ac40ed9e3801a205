package io.baton.examples;

import static io.baton.examples.ChatPage.name;
import static io.baton.examples.ChatPage.room;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.baton.service.Hold;
import io.baton.service.Publication;
import io.baton.service.Session;
import io.baton.service.Subscriber;
import io.baton.service.Topics;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;

/** A member of a room over all workers. An empty text asks who is there. */
final class ChatService extends NumberedService implements Subscriber<WebSocketFrame> {
  private final Topics rooms;

  ChatService(Topics rooms) {
    this.rooms = rooms;
  }

  @Override
  void enters(Session<WebSocketFrame> session) {
    session.subscribe(room(session), name(session));
  }

  @Override
  void changed(Session<WebSocketFrame> session) {
    say(session, "");
  }

  private void say(Session<WebSocketFrame> session, String text) {
    rooms.publish(room(session), (name(session) + "\n" + text).getBytes(UTF_8));
  }

  @Override
  public void received(Session<WebSocketFrame> session, WebSocketFrame message) {
    if (message instanceof TextWebSocketFrame frame && !frame.text().isEmpty()) {
      say(session, frame.text());
    } else {
      Hold hold = session.hold(); // one question at a time
      rooms
          .present(room(session))
          .thenAccept(all -> session.send(ChatPage.list(all)))
          .whenComplete((_, _) -> hold.release());
    }
  }

  @Override
  public void published(Session<WebSocketFrame> session, Publication publication) {
    tell(session, new String(publication.message(), UTF_8));
  }

  @Override
  public void missed(Session<WebSocketFrame> session, String topic, long count) {
    tell(session, "\n(missed %d)".formatted(count));
  }
}
