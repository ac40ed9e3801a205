package io.baton.examples;

import static java.util.stream.Collectors.joining;

import io.baton.codec.websocket.Handshake;
import io.baton.service.Member;
import io.baton.service.Presence;
import io.baton.service.RequestHead;
import io.baton.service.Service;
import io.baton.service.Session;
import io.baton.service.Topics;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The factory of a chat's members: lets those in who say where to, and who they are, {@code
 * ?room=lobby&name=Anna}. What a member is told is a number, a name, and in the next line a text;
 * or, as an answer to its question, who is there:
 *
 * <pre>
 *   7 Anna\nHello
 *   8 Ben\n                     Ben has come or gone
 *   9 \n(missed 3)
 *   here 4711\nAnna\nBen (away)   4711 is its worker; "some" in place of "here" if names are missing
 * </pre>
 */
record ChatDoors(Topics rooms) implements Handshake {
  private static final Pattern ROOM = Pattern.compile("[a-z0-9-]{1,32}");
  private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{N}][\\p{L}\\p{N} ._-]{0,23}");

  @Override
  public boolean allows(HttpRequest request) {
    return ROOM.matcher(parameter(request.uri(), "room")).matches()
        && NAME.matcher(parameter(request.uri(), "name")).matches();
  }

  @Override
  public Service<WebSocketFrame, WebSocketFrame> get() {
    return new ChatService(rooms);
  }

  /** Returns the topic of the room that a member has entered. */
  static String room(Session<?> session) {
    return "room/" + parameter(session, "room");
  }

  /** Returns a member's name. */
  static String name(Session<?> session) {
    return parameter(session, "name");
  }

  private static String parameter(Session<?> session, String parameter) {
    return parameter(session.handshake().map(RequestHead::target).orElse(""), parameter);
  }

  private static String parameter(String target, String parameter) {
    try {
      return new QueryStringDecoder(target)
          .parameters()
          .getOrDefault(parameter, List.of(""))
          .getFirst();
    } catch (IllegalArgumentException e) {
      return ""; // malformed
    }
  }

  /** Returns who is in a room, as its page is told. */
  static WebSocketFrame list(Presence all) {
    Stream<String> names = all.members().stream().map(ChatDoors::shown).sorted();
    String head = (all.isWhole() ? "here " : "some ") + ProcessHandle.current().pid();
    return new TextWebSocketFrame(Stream.concat(Stream.of(head), names).collect(joining("\n")));
  }

  private static String shown(Member member) {
    return member.isAway() ? member.about() + " (away)" : member.about();
  }
}
