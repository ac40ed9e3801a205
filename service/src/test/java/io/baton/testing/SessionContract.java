package io.baton.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.service.Cancellable;
import io.baton.service.CloseReason;
import io.baton.service.Hold;
import io.baton.service.Service;
import io.baton.service.Session;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What a session promises to its service, for everything that has sessions: the test kit and the
 * worker's runtime, in each lane, run the same tests.
 */
public abstract class SessionContract {

  /** One session of a protocol of texts, with the test as its client, its worker and its clock. */
  public interface Subject extends AutoCloseable {
    /** The client connects. */
    void open() throws Exception;

    /** The client sends. An exception of the service does not come out. */
    void receive(String message);

    /** The client sends no more. */
    void clientEnds();

    /** The connection breaks, behind all that was received. */
    void clientBreaks();

    /** The client takes what it is sent, or does not. */
    void setWritable(boolean writable);

    /** Time passes. */
    void advance(Duration time);

    /** All that has reached the client. */
    List<String> sent();

    /** Messages that the service has not let go of. */
    int unprocessed();

    /** The session goes to another worker. */
    void move() throws Exception;

    @Override
    void close();
  }

  /** Makes a session that is not open yet, whose services come from this factory. */
  protected abstract Subject subject(Supplier<? extends Service<String, String>> services)
      throws Exception;

  /** Everything that the services of the session were told. */
  protected final List<String> events = new ArrayList<>();

  private final List<Session<String>> sessions = new ArrayList<>();
  private BiConsumer<Session<String>, String> onReceived = (_, _) -> {};
  private Supplier<Boolean> onOpened = () -> true;
  private @Nullable Subject subject;

  private final class Recorder implements Service<String, String> {
    @Override
    public boolean opened(Session<String> session) {
      sessions.add(session);
      events.add("opened");
      return onOpened.get();
    }

    @Override
    public void received(Session<String> session, String message) {
      events.add("received " + message);
      onReceived.accept(session, message);
    }

    @Override
    public void writable(Session<String> session) {
      events.add("writable");
    }

    @Override
    public void closed(Session<String> session, CloseReason why) {
      events.add("closed " + why);
    }

    @Override
    public byte[] save(Session<String> session) {
      events.add("save");
      return "state".getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public void resumed(Session<String> session, byte[] saved) {
      sessions.add(session);
      events.add("resumed " + new String(saved, StandardCharsets.US_ASCII));
    }
  }

  private Subject made() throws Exception {
    Subject made = subject(Recorder::new);
    subject = made;
    return made;
  }

  private Subject opened() throws Exception {
    Subject made = made();
    made.open();
    return made;
  }

  private Session<String> session() {
    return sessions.getLast();
  }

  @AfterEach
  void ends() {
    if (subject != null) {
      subject.close();
    }
  }

  @Test
  void aSessionOpensReceivesAndEndsWithItsClient() throws Exception {
    Subject subject = opened();
    onReceived = (session, message) -> session.send("<" + message + ">");
    subject.receive("a");
    subject.receive("b");
    subject.clientEnds();
    assertThat(subject.sent()).containsExactly("<a>", "<b>");
    assertThat(events).containsExactly("opened", "received a", "received b", "closed CLIENT");
  }

  @Test
  void aRefusedClientIsClosedAndTheServiceHearsNoMore() throws Exception {
    onOpened = () -> false;
    opened();
    assertThat(events).containsExactly("opened");
    assertThat(session().send("late")).isFalse();
  }

  @Test
  void aServiceThatThrowsWhenItOpensIsNotClosed() throws Exception {
    onOpened =
        () -> {
          throw new IllegalStateException("the service's mistake");
        };
    try {
      opened();
    } catch (IllegalStateException _) {
      // the test kit passes it on
    }
    assertThat(events).containsExactly("opened");
  }

  @Test
  void closedComesBehindTheCallbackThatClosesAndOnce() throws Exception {
    Subject subject = opened();
    onReceived =
        (session, _) -> {
          session.close(CloseReason.SERVICE);
          session.close(CloseReason.ERROR);
          events.add("returned");
        };
    subject.receive("a");
    subject.close();
    assertThat(events).containsExactly("opened", "received a", "returned", "closed SERVICE");
  }

  @Test
  void whatIsSentBeforeTheServiceClosesGoesOutAndNothingAfterIt() throws Exception {
    Subject subject = opened();
    List<Boolean> sent = new ArrayList<>();
    onReceived =
        (session, _) -> {
          sent.add(session.send("last"));
          session.close(CloseReason.SERVICE);
        };
    subject.receive("a");
    sent.add(session().send("late"));
    assertThat(subject.sent()).containsExactly("last");
    assertThat(sent).containsExactly(true, false);
  }

  @Test
  void aCallbackThatThrowsEndsTheSession() throws Exception {
    Subject subject = opened();
    onReceived =
        (_, _) -> {
          throw new IllegalStateException("the service's mistake");
        };
    subject.receive("a");
    assertThat(events).containsExactly("opened", "received a", "closed ERROR");
    assertThat(subject.unprocessed()).isZero();
  }

  @Test
  void aMessageIsProcessedWhenItsLastHoldIsReleased() throws Exception {
    Subject subject = opened();
    List<Hold> holds = new ArrayList<>();
    onReceived =
        (session, _) -> {
          holds.add(session.hold());
          holds.add(session.hold());
        };
    subject.receive("a");
    holds.getFirst().release();
    holds.getFirst().release(); // counts once
    assertThat(subject.unprocessed()).isEqualTo(1);
    holds.getLast().release();
    assertThat(subject.unprocessed()).isZero();
  }

  @Test
  void aMessageCanBeHeldOnlyWhileItIsReceived() throws Exception {
    opened();
    assertThatThrownBy(() -> session().hold()).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aClientThatEndsIsStillAnswered() throws Exception {
    Subject subject = opened();
    List<Hold> holds = new ArrayList<>();
    onReceived = (session, _) -> holds.add(session.hold());
    subject.receive("a");
    subject.clientEnds();
    assertThat(events).containsExactly("opened", "received a");
    assertThat(session().send("late answer")).isTrue();
    holds.getFirst().release();
    assertThat(subject.sent()).containsExactly("late answer");
    assertThat(events).containsExactly("opened", "received a", "closed CLIENT");
  }

  @Test
  void aClientWhoseConnectionBrokeIsNotAnswered() throws Exception {
    Subject subject = opened();
    subject.receive("a");
    subject.clientBreaks();
    assertThat(session().send("late")).isFalse();
    assertThat(subject.sent()).isEmpty();
    assertThat(events).containsExactly("opened", "received a", "closed CLIENT");
  }

  @Test
  void timersRunInTheOrderOfTheirTimes() throws Exception {
    Subject subject = opened();
    session().after(Duration.ofSeconds(2), () -> events.add("second"));
    session().after(Duration.ofSeconds(1), () -> events.add("first"));
    subject.advance(Duration.ofMillis(900));
    assertThat(events).containsExactly("opened");
    subject.advance(Duration.ofSeconds(2));
    assertThat(events).containsExactly("opened", "first", "second");
  }

  @Test
  void aTimerThatIsCancelledOrWhoseSessionHasEndedDoesNotRun() throws Exception {
    Subject subject = opened();
    Cancellable cancelled = session().after(Duration.ofSeconds(1), () -> events.add("cancelled"));
    session().after(Duration.ofSeconds(1), () -> events.add("outlived"));
    cancelled.cancel();
    session().close(CloseReason.SERVICE);
    subject.advance(Duration.ofSeconds(5));
    assertThat(events).containsExactly("opened", "closed SERVICE");
  }

  @Test
  void aServiceHearsWhenItMaySendAgain() throws Exception {
    Subject subject = opened();
    assertThat(session().writable()).isTrue();
    subject.setWritable(false);
    assertThat(session().writable()).isFalse();
    subject.setWritable(true);
    assertThat(session().writable()).isTrue();
    assertThat(events).containsExactly("opened", "writable");
  }

  @Test
  void aSessionThatMovesGoesOnInAFreshServiceWithWhatWasSaved() throws Exception {
    Subject subject = opened();
    onReceived = (session, message) -> session.send("<" + message + ">");
    subject.receive("a");
    Session<String> before = session();
    before.after(Duration.ofSeconds(1), () -> events.add("left behind"));
    subject.move();
    assertThat(before.send("late")).isFalse();
    subject.receive("b");
    subject.advance(Duration.ofSeconds(5));
    assertThat(subject.sent()).containsExactly("<a>", "<b>");
    assertThat(events)
        .containsExactlyInAnyOrder(
            "opened", "received a", "save", "closed MOVED", "resumed state", "received b");
    assertThat(session()).isNotSameAs(before);
    assertThat(session().id()).isEqualTo(before.id());
  }
}
