package io.baton.service.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.baton.service.CloseReason;
import io.baton.service.Replaying;
import io.baton.service.Resumable;
import io.baton.service.Service;
import io.baton.service.Session;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Sessions of the test kit whose clients lose their connection and come back. */
final class AwayTest {
  private final List<String> events = new ArrayList<>();
  private final List<Object> released = new ArrayList<>();

  private class Waiting implements Service<String, String>, Resumable<String> {
    @Override
    public void received(Session<String> session, String message) {
      session.send("<" + message + ">");
    }

    @Override
    public void away(Session<String> session) {
      events.add("away");
    }

    @Override
    public void back(Session<String> session, OptionalLong last) {
      events.add("back " + last);
      session.send("welcome");
    }

    @Override
    public void closed(Session<String> session, CloseReason why) {
      events.add("closed " + why);
    }
  }

  private final class Keeping extends Waiting implements Replaying<String> {
    @Override
    public void back(Session<String> session, OptionalLong last) {
      session.send("all since " + last.orElseThrow());
    }
  }

  private TestSession<String, String> opened(boolean keeps) {
    TestSession<String, String> test =
        TestSession.from(() -> keeps ? new Keeping() : new Waiting());
    test.onRelease(released::add).open();
    return test;
  }

  @Test
  void whatIsSentMeanwhileReachesTheClientWhenItIsBack() {
    TestSession<String, String> test = opened(false);
    test.receive("a");
    test.goAway();
    Session<String> session = test.session();
    session.after(Duration.ofSeconds(1), () -> session.send("tick"));
    test.advance(Duration.ofSeconds(1));
    assertThat(test.sent()).containsExactly("<a>");
    test.comeBack();
    test.receive("b");
    assertThat(test.sent()).containsExactly("<a>", "tick", "welcome", "<b>");
    assertThat(events).containsExactly("away", "back OptionalLong.empty");
  }

  @Test
  void nothingIsKeptForAServiceThatKeepsItItself() {
    TestSession<String, String> test = opened(true);
    test.goAway();
    assertThat(test.session().send("lost here")).isTrue();
    test.comeBack(7);
    assertThat(test.sent()).containsExactly("all since 7");
    assertThat(released).contains("lost here");
  }

  @Test
  void itMovesWhileItsClientIsAway() {
    TestSession<String, String> test = opened(false);
    test.goAway();
    test.session().send("before");
    var _ = test.move();
    test.session().send("behind");
    test.comeBack(3);
    assertThat(test.sent()).containsExactly("before", "behind", "welcome");
    assertThat(events).containsExactly("away", "closed MOVED", "back OptionalLong[3]");
  }

  @Test
  void theWaitMayBeInVain() {
    TestSession<String, String> test = opened(false);
    test.goAway();
    test.end(CloseReason.CLIENT);
    assertThat(events).containsExactly("away", "closed CLIENT");
    assertThatIllegalStateException().isThrownBy(test::comeBack).withMessageContaining("ended");
  }

  @Test
  void aClientThatIsAwaySendsNothingAndDoesNotLeaveAgain() {
    TestSession<String, String> test = opened(false);
    assertThatIllegalStateException().isThrownBy(test::comeBack).withMessageContaining("not away");
    test.goAway();
    assertThatIllegalStateException().isThrownBy(() -> test.receive("a"));
    assertThatIllegalStateException().isThrownBy(test::clientEnds);
    assertThatIllegalStateException().isThrownBy(test::goAway).withMessageContaining("already");
  }

  @Test
  void aServiceThatIsNotResumableDoesNotWait() {
    TestSession<String, String> test = TestSession.of(Session::send);
    test.open();
    assertThatIllegalStateException()
        .isThrownBy(test::goAway)
        .withMessageContaining("clientBreaks()");
  }
}
