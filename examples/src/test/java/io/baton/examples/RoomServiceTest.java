package io.baton.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.service.RequestHead;
import io.baton.service.testkit.TestSession;
import io.baton.service.testkit.TestTopics;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.util.ReferenceCountUtil;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class RoomServiceTest {
  private final TestTopics topics = new TestTopics();
  private final TestSession<WebSocketFrame, WebSocketFrame> alice = guest("lobby");
  private final TestSession<WebSocketFrame, WebSocketFrame> bob = guest("lobby");
  private final TestSession<WebSocketFrame, WebSocketFrame> carol = guest("hall");

  private TestSession<WebSocketFrame, WebSocketFrame> guest(String room) {
    TestSession<WebSocketFrame, WebSocketFrame> guest =
        TestSession.from(() -> new RoomService(topics))
            .topics(topics)
            .onRelease(ReferenceCountUtil::release)
            .handshake(new RequestHead("GET", "/room?room=" + room, List.of()));
    assertThat(guest.open()).isTrue();
    return guest;
  }

  private static List<String> heard(TestSession<WebSocketFrame, WebSocketFrame> guest) {
    return guest.takeSent().stream()
        .map(frame -> {
          String text = ((TextWebSocketFrame) frame).text();
          frame.release();
          return text;
        })
        .toList();
  }

  @AfterEach
  void leave() {
    List.of(alice, bob, carol).forEach(each -> each.takeSent().forEach(WebSocketFrame::release));
  }

  @Test
  void allInTheRoomHearIt() {
    alice.receive(new TextWebSocketFrame("hello"));
    assertThat(heard(alice)).containsExactly("hello");
    assertThat(heard(bob)).containsExactly("hello");
    assertThat(heard(carol)).isEmpty();
  }

  @Test
  void whoHasMovedHearsItToo() {
    bob.move();
    alice.receive(new TextWebSocketFrame("hello"));
    assertThat(heard(bob)).containsExactly("hello");
  }

  @Test
  void whoHasLeftDoesNot() {
    bob.clientEnds();
    alice.receive(new TextWebSocketFrame("hello"));
    assertThat(heard(bob)).isEmpty();
    assertThat(topics.subscribers("room/lobby")).containsExactly(alice);
  }

  @Test
  void theyAreToldWhatTheyHaveMissed() {
    topics.lose("room/lobby", 3);
    assertThat(heard(alice)).containsExactly("(missed 3)");
    assertThat(heard(bob)).containsExactly("(missed 3)");
  }
}
