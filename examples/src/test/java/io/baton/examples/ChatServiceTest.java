package io.baton.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.baton.service.RequestHead;
import io.baton.service.testkit.TestSession;
import io.baton.service.testkit.TestTopics;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ChatServiceTest {
  private final TestTopics topics = new TestTopics();

  /** A member, and its page. */
  private final class Page {
    final TestSession<WebSocketFrame, WebSocketFrame> test =
        TestSession.from(new ChatDoors(topics)).topics(topics);

    Page(String room, String name) {
      test.handshake(
          new RequestHead("GET", "/chat/socket?room=" + room + "&name=" + name, List.of()));
      test.open();
    }

    Page says(String text) {
      test.receive(new TextWebSocketFrame(text));
      return this;
    }

    /** What it was told since this was last asked. */
    List<String> heard() {
      return test.takeSent().stream().map(frame -> ((TextWebSocketFrame) frame).text()).toList();
    }

    /** Of that, what was said. */
    List<String> texts() {
      return heard().stream()
          .filter(each -> !each.endsWith("\n"))
          .map(each -> each.replaceAll("^\\d+ (.*)\n", "$1: "))
          .toList();
    }

    /** Asks who is there. */
    String members() {
      return says("").heard().getLast().replaceAll("^(here|some) \\d+", "$1").replace("\n", " ");
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
    anna.says("hello").says("again");
    ben.says("hi\n<there>");
    List<String> all = List.of("Anna: hello", "Anna: again", "Ben: hi\n<there>");
    assertThat(anna.texts()).isEqualTo(all);
    assertThat(ben.texts()).isEqualTo(all);
    assertThat(other.texts()).isEmpty();
  }

  @Test
  void whatIsToldHasTheNextNumber() {
    Page anna = enters("Anna");
    enters("Ben");
    assertThat(anna.says("hello").heard()).containsExactly("1 Anna\n", "2 Ben\n", "3 Anna\nhello");
  }

  @Test
  void whoIsHereAndWhoIsAwayIsSaidToWhomeverAsksAndThatItChangedToAll() {
    Page anna = enters("Anna");
    Page ben = enters("Ben");
    assertThat(anna.members()).isEqualTo("here Anna Ben");
    ben.test.goAway();
    assertThat(anna.heard()).containsExactly("3 Ben\n");
    assertThat(anna.members()).isEqualTo("here Anna Ben (away)");
    ben.test.comeBack(0);
    assertThat(anna.heard()).containsExactly("4 Ben\n");
    assertThat(anna.members()).isEqualTo("here Anna Ben");
    ben.test.move();
    assertThat(anna.heard()).as("a move is no news").isEmpty();
    ben.test.clientEnds();
    assertThat(anna.heard()).containsExactly("5 Ben\n");
    topics.silent(1);
    assertThat(anna.members()).isEqualTo("some Anna");
  }

  @Test
  void aMemberThatIsBackGetsWhatItHasMissed() {
    Page anna = enters("Anna");
    Page ben = enters("Ben");
    anna.says("one");
    assertThat(ben.heard()).containsExactly("1 Ben\n", "2 Anna\none");
    ben.test.goAway();
    anna.says("two");
    topics.lose("room/lobby", 3);
    assertThat(ben.heard()).isEmpty();
    ben.test.comeBack(2);
    assertThat(ben.heard()).containsExactly("3 Ben\n", "4 Anna\ntwo", "5 \n(missed 3)", "6 Ben\n");
  }

  @Test
  void numbersGoOnAndWhatWasKeptMovesAlong() {
    Page anna = enters("Anna");
    anna.says("one").test.move();
    assertThat(anna.says("two").texts()).containsExactly("Anna: one", "Anna: two");
    anna.test.goAway();
    anna.test.move();
    anna.test.comeBack(1);
    assertThat(anna.heard()).containsExactly("2 Anna\none", "3 Anna\ntwo", "4 Anna\n", "5 Anna\n");
  }

  @Test
  void onlyTheLastMessagesAreKept() {
    Page anna = enters("Anna");
    for (int i = 0; i < 2 * NumberedService.MAX_KEPT; i++) {
      anna.says("m" + i);
    }
    anna.test.move();
    anna.heard();
    anna.test.goAway();
    anna.test.comeBack(0);
    assertThat(anna.texts()).hasSize(NumberedService.MAX_KEPT - 1).endsWith("Anna: m399");
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
    assertThat(
            new ChatDoors(topics)
                .allows(
                    new DefaultHttpRequest(
                        HttpVersion.HTTP_1_1, HttpMethod.GET, "/chat/socket?" + query)))
        .isEqualTo(allowed);
  }

  @Test
  void whatAnotherVersionSavedIsRefused() {
    for (byte[] saved : List.of(new byte[] {1}, new byte[] {2, 0}, new byte[0])) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> TestSession.from(new ChatDoors(topics)).resume(saved));
    }
  }

  @Test
  void aRoomOverAllWorkersTakesFewerThanFortyLines() throws Exception {
    List<String> lines =
        Files.readAllLines(Path.of("src/main/java/io/baton/examples/ChatService.java")).stream()
            .filter(line -> !line.isBlank() && !line.matches("(package|import) .*"))
            .toList();
    assertThat(lines).hasSizeLessThan(40);
  }
}
