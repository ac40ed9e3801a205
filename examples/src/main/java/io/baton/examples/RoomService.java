package io.baton.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.baton.service.Publication;
import io.baton.service.RequestHead;
import io.baton.service.Service;
import io.baton.service.Session;
import io.baton.service.Subscriber;
import io.baton.service.Topics;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;

/**
 * A room over all workers, which is entered with {@code ?room=NAME}: each text that a client sends
 * goes to all in the room, itself included. It keeps nothing: the subscription moves along.
 */
record RoomService(Topics rooms)
    implements Service<WebSocketFrame, WebSocketFrame>, Subscriber<WebSocketFrame> {

  private static String room(Session<WebSocketFrame> session) {
    String target = session.handshake().map(RequestHead::target).orElse("");
    return "room/" + ChatService.parameter(target, "room");
  }

  @Override
  public boolean opened(Session<WebSocketFrame> session) {
    session.subscribe(room(session));
    return true;
  }

  @Override
  public void received(Session<WebSocketFrame> session, WebSocketFrame message) {
    if (message instanceof TextWebSocketFrame text
        && !rooms.publish(room(session), text.text().getBytes(UTF_8))) {
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
}
