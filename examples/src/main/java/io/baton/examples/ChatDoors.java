package io.baton.examples;

import io.baton.codec.websocket.Handshake;
import io.baton.service.Service;
import io.baton.service.Topics;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.util.regex.Pattern;

/** The factory of a chat's members: lets those in who say where to, and who they are. */
record ChatDoors(Topics rooms) implements Handshake {
  private static final Pattern ROOM = Pattern.compile("[a-z0-9-]{1,32}");
  private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{N}][\\p{L}\\p{N} ._-]{0,23}");

  @Override
  public boolean allows(HttpRequest request) {
    return ROOM.matcher(ChatPage.parameter(request.uri(), "room")).matches()
        && NAME.matcher(ChatPage.parameter(request.uri(), "name")).matches();
  }

  @Override
  public Service<WebSocketFrame, WebSocketFrame> get() {
    return new ChatService(rooms);
  }
}
