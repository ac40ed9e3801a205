package io.baton.service.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.service.Cancellable;
import io.baton.service.CloseReason;
import io.baton.service.Draining;
import io.baton.service.Hold;
import io.baton.service.Peer;
import io.baton.service.Principal;
import io.baton.service.RequestHead;
import io.baton.service.Service;
import io.baton.service.Session;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

final class TestSessionTest {
  private final List<String> events = new ArrayList<>();
  private boolean accepts = true;
  private Consumer<Session<String>> onOpened = _ -> {};
  private BiConsumer<Session<String>, String> onReceived = (_, _) -> {};
  private Consumer<Session<String>> onClosed = _ -> {};
  private Consumer<byte[]> onResumed = _ -> {};
  private final TestSession<String, String> test = TestSession.from(Probe::new);

  /** Notes its callbacks, and does what the test says. */
  private final class Probe implements Service<String, String> {
    private int count;

    @Override
    public boolean opened(Session<String> session) {
      events.add("opened");
      onOpened.accept(session);
      return accepts;
    }

    @Override
    public void received(Session<String> session, String message) {
      count++;
      events.add("received " + message);
      onReceived.accept(session, message);
      events.add("returned");
    }

    @Override
    public void writable(Session<String> session) {
      events.add("writable " + session.writable());
    }

    @Override
    public void closed(Session<String> session, CloseReason why) {
      events.add("closed " + why);
      onClosed.accept(session);
    }

    @Override
    public byte[] save(Session<String> session) {
      events.add("save");
      return Integer.toString(count).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void resumed(Session<String> session, byte[] saved) {
      String text = new String(saved, StandardCharsets.UTF_8);
      events.add("resumed " + text);
      count = Integer.parseInt(text);
      onResumed.accept(saved);
    }
  }

  private void opens() {
    assertThat(test.open()).isTrue();
    events.clear();
  }

  // Beginning and end.

  @Test
  void aSessionOpensReceivesAndEndsWithItsClient() {
    onReceived = Session::send;
    test.open();
    test.receive("a");
    test.receive("b");
    test.clientEnds();

    assertThat(events)
        .containsExactly(
            "opened", "received a", "returned", "received b", "returned", "closed CLIENT");
    assertThat(test.sent()).containsExactly("a", "b");
    assertThat(test.ended()).contains(CloseReason.CLIENT);
  }

  @Test
  void aClientThatIsRefusedIsClosedAndTheServiceHearsNoMore() {
    accepts = false;

    assertThat(test.open()).isFalse();
    assertThat(events).containsExactly("opened");
    assertThat(test.ended()).contains(CloseReason.SERVICE);
    assertThatIllegalStateException().isThrownBy(() -> test.receive("a"));
  }

  @Test
  void aServiceMayCloseWhileItOpens() {
    onOpened = session -> session.close(CloseReason.SERVICE);

    assertThat(test.open()).isTrue();
    assertThat(events).containsExactly("opened", "closed SERVICE");
  }

  @Test
  void closedComesAfterTheCallbackThatClosed() {
    opens();
    onReceived = (session, _) -> session.close(CloseReason.SERVICE);
    test.receive("a");
    assertThat(events).containsExactly("received a", "returned", "closed SERVICE");
  }

  @Test
  void closedComesOnceAndTheFirstReasonStands() {
    opens();
    test.end(CloseReason.TIMEOUT);
    test.session().close(CloseReason.SERVICE);
    test.end(CloseReason.SHUTDOWN);

    assertThat(events).containsExactly("closed TIMEOUT");
    assertThat(test.ended()).contains(CloseReason.TIMEOUT);
  }

  @Test
  void whatIsSentTooLateIsReleasedAndNotSent() {
    List<Object> released = new ArrayList<>();
    test.onRelease(released::add);
    opens();
    onClosed = session -> session.send("last");
    test.end(CloseReason.SHUTDOWN);

    assertThat(test.session().send("later")).isFalse();
    assertThat(test.session().writable()).isFalse();
    assertThat(test.sent()).isEmpty();
    assertThat(released).containsExactly("last", "later");
  }

  @Test
  void theClientIsWhoTheTestSays() {
    test.peer(new Peer.Vsock(3, 4));
    onOpened = session -> events.add(session.peer().toString());
    test.open();
    assertThat(events).contains("vsock:3:4");
  }

  // What throws.

  @Test
  void aCallbackThatThrowsEndsTheSessionAndTheTestIsThrownTheSame() {
    opens();
    RuntimeException thrown = new IllegalArgumentException("no");
    onReceived =
        (_, _) -> {
          throw thrown;
        };

    assertThatThrownBy(() -> test.receive("a")).isSameAs(thrown);
    assertThat(events).containsExactly("received a", "closed ERROR");
    assertThat(test.unprocessed()).isZero();
  }

  @Test
  void anOpenedThatThrowsIsNotClosed() {
    onOpened =
        _ -> {
          throw new AssertionError("no");
        };

    assertThatThrownBy(test::open).hasMessage("no");
    assertThat(events).containsExactly("opened");
    assertThat(test.ended()).contains(CloseReason.ERROR);
  }

  @Test
  void aResumedThatThrowsIsNotClosed() {
    assertThatThrownBy(() -> test.resume(new byte[] {'x'}))
        .isInstanceOf(NumberFormatException.class);
    assertThat(events).containsExactly("resumed x");
    assertThat(test.ended()).contains(CloseReason.ERROR);
  }

  @Test
  void aClosedThatThrowsToo() {
    opens();
    onReceived =
        (_, _) -> {
          throw new IllegalArgumentException("first");
        };
    onClosed =
        _ -> {
          throw new IllegalArgumentException("second");
        };

    assertThatThrownBy(() -> test.receive("a"))
        .hasMessage("first")
        .satisfies(e -> assertThat(e.getSuppressed()[0]).hasMessage("second"));
    assertThat(events).containsExactly("received a", "closed ERROR");
  }

  // Holds.

  @Test
  void aMessageIsProcessedWhenTheLastHoldIsReleased() {
    List<Object> released = new ArrayList<>();
    test.onRelease(released::add);
    opens();
    List<Hold> holds = new ArrayList<>();
    onReceived =
        (session, _) -> {
          holds.add(session.hold());
          holds.add(session.hold());
        };
    test.receive("a");
    holds.getFirst().release();
    holds.getFirst().release();
    assertThat(test.unprocessed()).isEqualTo(1);
    assertThat(released).isEmpty();

    holds.getLast().close();
    assertThat(test.unprocessed()).isZero();
    assertThat(released).containsExactly("a");
  }

  @Test
  void aHoldThatIsReleasedInReceivedLeavesTheMessageToIt() {
    opens();
    onReceived =
        (session, _) -> {
          session.hold().release();
          events.add("unprocessed");
        };
    test.receive("a");
    assertThat(events).containsExactly("received a", "unprocessed", "returned");
    assertThat(test.unprocessed()).isZero();
  }

  @Test
  void aMessageCanBeHeldWhileItIsReceivedOnly() {
    onOpened =
        session ->
            assertThatIllegalStateException()
                .isThrownBy(session::hold)
                .withMessage("hold() outside of received()");
    opens();
    test.receive("a");
    assertThatIllegalStateException().isThrownBy(test.session()::hold);
  }

  @Test
  void aClientThatEndsIsStillAnswered() {
    opens();
    List<Hold> holds = new ArrayList<>();
    onReceived = (session, _) -> holds.add(session.hold());
    test.receive("a");
    test.clientEnds();
    assertThat(test.ended()).isEmpty();
    assertThat(test.session().send("answer")).isTrue();

    holds.getFirst().release();
    assertThat(events).endsWith("closed CLIENT");
    assertThat(test.sent()).containsExactly("answer");
  }

  @Test
  void aClientThatBreaksItsProtocolIsStillAnswered() {
    opens();
    List<Hold> holds = new ArrayList<>();
    onReceived = (session, _) -> holds.add(session.hold());
    test.receive("a");
    test.clientEnds(CloseReason.PROTOCOL);
    test.clientEnds();
    assertThat(test.session().send("answer")).isTrue();

    holds.getFirst().release();
    assertThat(events).endsWith("closed PROTOCOL");
    assertThat(test.sent()).containsExactly("answer");
  }

  @Test
  void whatWasSentBeforeTheConnectionBrokeIsReceivedAndNotAnswered() {
    opens();
    List<Boolean> answered = new ArrayList<>();
    onReceived = (session, message) -> answered.add(session.send(message) || session.writable());
    test.clientBreaks(List.of("a", "b"));

    assertThat(answered).containsExactly(false, false);
    assertThat(test.sent()).isEmpty();
    assertThat(events)
        .containsExactly("received a", "returned", "received b", "returned", "closed CLIENT");
  }

  @Test
  void aServiceThatClosesReceivesNothingMoreOfAConnectionThatBroke() {
    opens();
    onReceived = (session, _) -> session.close(CloseReason.SERVICE);
    test.clientBreaks(List.of("a", "b"));

    assertThat(events).containsExactly("received a", "returned", "closed SERVICE");
  }

  // Time.

  private void timer(long seconds, String event) {
    test.session().after(Duration.ofSeconds(seconds), () -> events.add(event));
  }

  @Test
  void timersRunInTheOrderOfTheirTimesAndThenOfTheirStarts() {
    opens();
    timer(2, "two");
    timer(1, "one");
    timer(2, "two again");
    timer(3, "three");
    test.advance(Duration.ofSeconds(2));

    assertThat(events).containsExactly("one", "two", "two again");
    assertThat(test.timers()).isEqualTo(1);
    test.advance(Duration.ofSeconds(1));
    assertThat(events).endsWith("three");
  }

  @Test
  void aRepeatedTimerKeepsItsPace() {
    onOpened = this::tick;
    opens();
    test.advance(Duration.ofMillis(3_500));
    assertThat(events).containsExactly("tick", "tick", "tick");
    test.advance(Duration.ofMillis(500));
    assertThat(events).hasSize(4);
  }

  private void tick(Session<String> session) {
    session.after(
        Duration.ofSeconds(1),
        () -> {
          events.add("tick");
          tick(session);
        });
  }

  @Test
  void aTimerThatIsCancelledOrWhoseSessionEndedDoesNotRun() {
    opens();
    Cancellable cancelled = test.session().after(Duration.ofSeconds(1), () -> events.add("no"));
    cancelled.cancel();
    cancelled.cancel();
    timer(1, "no");
    assertThat(test.timers()).isEqualTo(1);
    test.end(CloseReason.SERVICE);
    timer(1, "no");
    test.advance(Duration.ofSeconds(5));

    assertThat(test.timers()).isZero();
    assertThat(events).containsExactly("closed SERVICE");
  }

  @Test
  void aTimerWithoutDelayRunsWhenTimeIsAdvancedByNothing() {
    opens();
    timer(-1, "now");
    assertThat(events).isEmpty();
    test.advance(Duration.ZERO);
    assertThat(events).containsExactly("now");
  }

  @Test
  void aTimerThatStartsItselfWithoutDelayIsStopped() {
    opens();
    Session<String> session = test.session();
    session.after(Duration.ZERO, () -> again(session));
    assertThatIllegalStateException()
        .isThrownBy(() -> test.advance(Duration.ofSeconds(1)))
        .withMessageContaining("does a task start itself without a delay?");
  }

  private void again(Session<String> session) {
    session.after(Duration.ZERO, () -> again(session));
  }

  @Test
  void timeDoesNotGoBack() {
    opens();
    assertThatIllegalArgumentException().isThrownBy(() -> test.advance(Duration.ofSeconds(-1)));
  }

  // The client that does not read.

  @Test
  void aServiceHearsWhenItMaySendAgain() {
    opens();
    test.setWritable(false);
    assertThat(test.session().writable()).isFalse();
    test.setWritable(true);
    test.setWritable(true);
    assertThat(events).containsExactly("writable true");
  }

  // Moving.

  @Test
  void aSessionThatMovesGoesOnInAFreshServiceWithWhatWasSaved() {
    opens();
    test.receive("a");
    timer(1, "left behind");
    Session<String> old = test.session();
    events.clear();

    assertThat(test.move()).isEqualTo(new byte[] {'1'});
    assertThat(events).containsExactly("save", "closed MOVED", "resumed 1");
    assertThat(test.session()).isNotSameAs(old);
    assertThat(old.send("from the old one")).isFalse();
    assertThat(test.ended()).isEmpty();
    assertThat(test.timers()).isZero();
    test.advance(Duration.ofSeconds(1));
    test.receive("b");
    assertThat(test.move()).isEqualTo(new byte[] {'2'});
    assertThat(events).doesNotContain("left behind");
  }

  @Test
  void savingEndsNothing() {
    opens();
    assertThat(test.save()).isEqualTo(new byte[] {'0'});
    test.receive("a");
    assertThat(events).containsExactly("save", "received a", "returned");
  }

  @Test
  void whatWasSavedIsACopy() {
    onResumed = saved -> saved[0] = 'x';
    opens();
    assertThat(test.move()).isEqualTo(new byte[] {'0'});
  }

  @Test
  void nothingIsSavedWhileAMessageIsUnprocessed() {
    opens();
    List<Hold> holds = new ArrayList<>();
    onReceived = (session, _) -> holds.add(session.hold());
    test.receive("a");
    assertThatIllegalStateException().isThrownBy(test::move).withMessageContaining("here 1");
    assertThat(events).doesNotContain("save");

    holds.getFirst().release();
    test.move();
    assertThat(events).endsWith("save", "closed MOVED", "resumed 1");
  }

  @Test
  void oneServiceAloneCannotMove() {
    TestSession<String, String> alone = TestSession.of(Session::send);
    alone.open();
    assertThatIllegalStateException()
        .isThrownBy(alone::move)
        .withMessageContaining("TestSession.from");
  }

  // Other threads.

  private static void elsewhere(Runnable action) {
    CompletableFuture.runAsync(action, task -> Thread.ofVirtual().start(task)).join();
  }

  @Test
  void whatOtherThreadsDoHappensWhenTheTestCallsNext() {
    opens();
    Session<String> session = test.session();
    onReceived =
        (s, _) -> {
          Hold hold = s.hold();
          elsewhere(() -> {
            s.send("answer");
            hold.release();
          });
        };
    test.receive("a");
    assertThat(test.sent()).containsExactly("answer");
    assertThat(test.unprocessed()).isZero();

    elsewhere(() -> session.after(Duration.ofSeconds(1), () -> events.add("timer")));
    test.advance(Duration.ofSeconds(1));
    elsewhere(() -> session.close(CloseReason.SERVICE));
    assertThat(events).endsWith("returned", "timer");
    assertThat(test.ended()).contains(CloseReason.SERVICE);
    assertThat(events).endsWith("closed SERVICE");
  }

  @Test
  void theTestItselfKeepsToOneThread() {
    opens();
    elsewhere(() -> assertThatIllegalStateException().isThrownBy(() -> test.receive("a")));
    assertThat(events).isEmpty();
  }

  // The test's own mistakes.

  @Test
  void callbacksDoNotNest() {
    opens();
    onReceived = (_, _) -> test.receive("b");
    assertThatIllegalStateException()
        .isThrownBy(() -> test.receive("a"))
        .withMessageContaining("one after the other");
    assertThat(events).containsExactly("received a", "closed ERROR");
  }

  @Test
  void whatASessionCannotDoIsTheTestsMistake() {
    assertThatIllegalStateException()
        .isThrownBy(() -> test.receive("a"))
        .withMessageContaining("open() or resume()");
    opens();
    assertThatIllegalStateException().isThrownBy(test::open);
    test.end(CloseReason.TIMEOUT);
    assertThatIllegalStateException()
        .isThrownBy(() -> test.receive("a"))
        .withMessageContaining("has ended (TIMEOUT)");
  }

  @Test
  void whatWasSentIsTakenOnce() {
    opens();
    test.session().send("a");
    assertThat(test.takeSent()).containsExactly("a");
    test.session().send("b");
    assertThat(test.sent()).containsExactly("b");
  }

  @Test
  void principalAndHandshakeArePlayedAndGoAlong() {
    List<String> seen = new ArrayList<>();
    TestSession<String, String> test =
        TestSession.<String, String>from(() ->
                (session, _) ->
                    seen.add(
                        session.principal().map(Principal::name).orElse("nobody")
                            + session.handshake().map(RequestHead::target).orElse("")))
            .principal(new Principal("alice"))
            .handshake(new RequestHead("GET", "/chat", List.of()));
    test.open();
    test.receive("a");
    test.move();
    test.receive("b");
    test.principal(new Principal("bob")).receive("c");
    assertThat(seen).containsExactly("alice/chat", "alice/chat", "bob/chat");
  }

  // ---- draining ----

  private static final class Farewell implements Service<String, String>, Draining<String> {
    @Override
    public void received(Session<String> session, String message) {}

    @Override
    public void draining(Session<String> session) {
      session.send("farewell");
      session.close(CloseReason.SERVICE);
    }
  }

  @Test
  void aDrainingServiceIsToldThatItsWorkerIsAboutToEnd() {
    TestSession<String, String> test = TestSession.of(new Farewell());
    test.open();
    test.drain();
    assertThat(test.sent()).containsExactly("farewell");
    assertThat(test.ended()).contains(CloseReason.SERVICE);
    assertThatThrownBy(test::drain).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void anyOtherServiceNoticesNothingOfADrain() {
    TestSession<String, String> test = TestSession.of((session, message) -> {});
    test.open();
    test.drain();
    assertThat(test.ended()).isEmpty();
  }
}
