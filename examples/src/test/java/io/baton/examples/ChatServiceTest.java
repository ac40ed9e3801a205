package io.baton.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.baton.service.CloseReason;
import io.baton.service.RequestHead;
import io.baton.service.testkit.TestSession;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ChatServiceTest {
  private final long start = 1_767_225_600_000L;
  private long ms = start;
  private final InstantSource clock = () -> Instant.ofEpochMilli(ms);
  private final ChatRooms former = new ChatRooms();
  private ChatRooms rooms = former;

  /** A member, its page, and its worker. */
  private final class Page {
    final TestSession<WebSocketFrame, WebSocketFrame> test =
        TestSession.from(() -> new ChatService(rooms, clock));

    Page(String room, String name) {
      test.handshake(
          new RequestHead("GET", "/chat/socket?room=" + room + "&name=" + name, List.of()));
      test.open();
    }

    Page says(String text) {
      ms++;
      test.receive(new TextWebSocketFrame(text));
      return this;
    }

    /** What it was told since this was last asked. */
    List<String> heard() {
      test.advance(Duration.ZERO);
      return test.takeSent().stream().map(frame -> ((TextWebSocketFrame) frame).text()).toList();
    }

    /** Of that, what was said. */
    List<String> texts() {
      return heard().stream()
          .filter(each -> each.contains("\"text\":"))
          .map(each -> each.replaceAll(".*\"name\":\"(.*?)\",\"text\":\"(.*)\"}", "$1: $2"))
          .toList();
    }

    /** The list that it was told last. */
    String members() {
      test.advance(ChatService.LIST_DELAY);
      return heard().stream()
          .filter(each -> each.contains("\"members\":"))
          .map(each -> each.replaceAll(".*\"members\":", ""))
          .reduce("", (_, last) -> last);
    }

    void movesTo(ChatRooms next) {
      rooms = next;
      test.move();
    }
  }

  private Page enters(String name) {
    return new Page("lobby", name);
  }

  @Test
  void allInTheRoomHearWhatIsSaidOnceAndInOrder() {
    Page anna = enters("Anna");
    Page ben = enters("Ben");
    Page other = new Page("kitchen", "Cleo");
    anna.says("hello").says("  ").says("again");
    ben.says("hi");
    List<String> all = List.of("Anna: hello", "Anna: again", "Ben: hi");
    assertThat(anna.texts()).isEqualTo(all);
    assertThat(ben.texts()).isEqualTo(all);
    assertThat(other.texts()).isEmpty();
    assertThat(enters("Dora").texts()).as("who comes later").isEqualTo(all);
  }

  @Test
  void whatIsToldHasTheNextNumber() {
    Page anna = enters("Anna");
    assertThat(anna.says("a \"b\"\n<c>").heard())
        .hasSize(2)
        .satisfies(all -> {
          assertThat(all.getFirst())
              .startsWith("{\"number\":1,\"room\":\"lobby\",\"worker\":")
              .endsWith(",\"members\":[\"Anna\"]}");
          assertThat(all.getLast())
              .startsWith("{\"number\":2,\"id\":\"")
              .endsWith(
                  ".1\",\"at\":1767225600001,\"name\":\"Anna\",\"text\":"
                      + "\"a \\u0022b\\u0022\\u000a<c>\"}");
        });
  }

  @Test
  void theListSaysWhoIsHereAndWhoIsAway() {
    Page anna = enters("Anna");
    Page ben = enters("Ben");
    assertThat(anna.members()).isEqualTo("[\"Anna\",\"Ben\"]}");
    ben.test.goAway();
    assertThat(anna.members()).isEqualTo("[\"Anna\",\"Ben (away)\"]}");
    ben.test.comeBack(0);
    assertThat(anna.members()).isEqualTo("[\"Anna\",\"Ben\"]}");
    ben.test.clientEnds();
    assertThat(anna.members()).isEqualTo("[\"Anna\"]}");
    anna.test.clientEnds();
    assertThat(rooms.size()).as("a room that nobody is in").isZero();
  }

  @Test
  void aMemberThatIsBackGetsWhatItHasMissed() {
    Page anna = enters("Anna");
    Page ben = enters("Ben");
    anna.says("one");
    assertThat(ben.texts()).containsExactly("Anna: one");
    ben.test.goAway();
    anna.says("two");
    assertThat(ben.texts()).isEmpty();
    ben.test.comeBack(2); // the list, and "one"
    assertThat(ben.texts()).containsExactly("Anna: two");
  }

  // ---- bounds ----

  @Test
  void theRoomKeepsItsLastMessages() {
    Page anna = enters("Anna");
    for (int i = 0; i < ChatRoom.MAX_MESSAGES + 5; i++) {
      ms += ChatService.RATE_MS;
      anna.says("m" + i);
      assertThat(anna.texts()).containsExactly("Anna: m" + i);
    }
    assertThat(enters("Ben").texts()).hasSize(ChatRoom.MAX_MESSAGES).first().isEqualTo("Anna: m5");
  }

  @Test
  void tooLongOrTooManyMessagesAreRefused() {
    Page anna = enters("Anna");
    anna.heard();
    assertThat(anna.says("x".repeat(ChatService.MAX_TEXT + 1)).heard())
        .containsExactly("{\"refused\":\"a message has at most 500 characters\"}");
    for (int i = 0; i < ChatService.MAX_RATE; i++) {
      anna.says("m");
    }
    assertThat(anna.texts()).hasSize(ChatService.MAX_RATE);
    assertThat(anna.says("n").heard())
        .containsExactly("{\"refused\":\"at most 20 messages in 10 seconds\"}");
    anna.movesTo(rooms);
    anna.heard();
    assertThat(anna.says("n").heard()).singleElement().asString().contains("refused");
    ms += ChatService.RATE_MS;
    assertThat(anna.says("o").texts()).containsExactly("Anna: o");
  }

  @Test
  void aFullRoomRefuses() {
    List<Page> all = new ArrayList<>();
    for (int i = 0; i < ChatRoom.MAX_MEMBERS; i++) {
      all.add(enters("N" + i));
    }
    Page late = enters("Late");
    assertThat(late.heard()).containsExactly("{\"refused\":\"the room is full\"}");
    assertThat(late.test.ended()).contains(CloseReason.SERVICE);
    all.getFirst().test.clientEnds();
    assertThat(enters("Later").test.ended()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "room=lobby&name=Anna, true",
    "room=a-1&name=J%C3%BCrgen+B., true",
    "room=lobby, false",
    "name=Anna, false",
    "room=Lobby&name=Anna, false",
    "room=&name=Anna, false",
    "room=lobby&name=+, false",
    "room=lobby&name=%3Cb%3E, false",
    "room=lobby&name=%4, false",
    "room=lobby&name=abcdefghijklmnopqrstuvwxy, false"
  })
  void aRoomAndANameAreNeeded(String query, boolean allowed) {
    var doors = new ChatDoors(rooms, clock);
    assertThat(
            doors.allows(
                new DefaultHttpRequest(
                    HttpVersion.HTTP_1_1, HttpMethod.GET, "/chat/socket?" + query)))
        .isEqualTo(allowed);
  }

  // ---- moves ----

  @Test
  void theRoomMovesMemberByMemberAndNobodyMissesAnythingOrHearsItTwice() {
    ChatRooms next = new ChatRooms();
    Page anna = enters("Anna");
    Page ben = enters("Ben");
    Page cleo = enters("Cleo");
    anna.says("before");
    List.of(anna, ben, cleo).forEach(each -> assertThat(each.texts()).hasSize(1));
    anna.movesTo(next);
    anna.says("from the next");
    ben.says("from the former");
    assertThat(anna.texts()).containsExactly("Anna: from the next");
    assertThat(cleo.texts()).containsExactly("Ben: from the former");
    ben.movesTo(next);
    assertThat(anna.texts()).containsExactly("Ben: from the former");
    assertThat(ben.texts()).containsExactly("Anna: from the next", "Ben: from the former");
    cleo.movesTo(next);
    assertThat(cleo.texts()).containsExactly("Anna: from the next");
    assertThat(anna.texts()).isEmpty();
    assertThat(former.size()).isZero();
    assertThat(anna.members()).isEqualTo("[\"Anna\",\"Ben\",\"Cleo\"]}");
    assertThat(enters("Dora").texts()).hasSize(3);
  }

  @Test
  void whoStaysIsNotToldThatOthersMove() {
    Page anna = enters("Anna");
    Page ben = enters("Ben");
    assertThat(anna.members()).isEqualTo("[\"Anna\",\"Ben\"]}");
    ben.movesTo(new ChatRooms());
    assertThat(anna.members()).isEmpty();
  }

  @Test
  void numbersGoOnAndWhatWasKeptMovesAlong() {
    Page anna = enters("Anna");
    assertThat(anna.says("one").heard()).hasSize(2);
    anna.movesTo(new ChatRooms());
    assertThat(anna.says("two").heard()).singleElement().asString().startsWith("{\"number\":3,");
    anna.test.goAway();
    anna.test.comeBack(0);
    assertThat(anna.texts()).containsExactly("Anna: one", "Anna: two");
  }

  @Test
  void aMemberThatIsAwayMovesToo() {
    Page anna = enters("Anna");
    Page ben = enters("Ben");
    ben.test.goAway();
    anna.says("one");
    ChatRooms next = new ChatRooms();
    ben.movesTo(next);
    anna.movesTo(next);
    assertThat(anna.members()).isEqualTo("[\"Anna\",\"Ben (away)\"]}");
    anna.says("two");
    ben.test.advance(Duration.ZERO);
    ben.test.comeBack(0);
    assertThat(ben.texts()).containsExactly("Anna: one", "Anna: two");
  }

  @Test
  void whatAnotherVersionSavedIsRefused() {
    TestSession<WebSocketFrame, WebSocketFrame> test =
        TestSession.from(() -> new ChatService(rooms, clock));
    assertThatIllegalArgumentException().isThrownBy(() -> test.resume(new byte[] {2}));
    TestSession<WebSocketFrame, WebSocketFrame> cut =
        TestSession.from(() -> new ChatService(rooms, clock));
    assertThatIllegalArgumentException().isThrownBy(() -> cut.resume(new byte[] {1, 0}));
    assertThat(rooms.size()).isZero();
  }
}
