package io.baton.examples;

import static java.util.stream.Collectors.joining;

import io.baton.service.Member;
import io.baton.service.Presence;
import io.baton.service.RequestHead;
import io.baton.service.Session;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.util.List;
import java.util.stream.Stream;

/**
 * What the page of a chat says in its handshake, {@code ?room=lobby&name=Anna}, and what it is
 * told: a number, a name, and in the next line a text; or, as an answer to its question, who is
 * there.
 *
 * <pre>
 *   7 Anna\nHello
 *   8 Ben\n                     Ben has come or gone
 *   9 \n(missed 3)
 *   here 4711\nAnna\nBen (away)   4711 is its worker; "some" in place of "here" if names are missing
 * </pre>
 */
final class ChatPage {

  private ChatPage() {}

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

  /** Returns the first value of a parameter of the query; empty if there is none. */
  static String parameter(String target, String parameter) {
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
    Stream<String> names = all.members().stream().map(ChatPage::shown).sorted();
    String head = (all.isWhole() ? "here " : "some ") + ProcessHandle.current().pid();
    return new TextWebSocketFrame(Stream.concat(Stream.of(head), names).collect(joining("\n")));
  }

  private static String shown(Member member) {
    return member.isAway() ? member.about() + " (away)" : member.about();
  }
}
