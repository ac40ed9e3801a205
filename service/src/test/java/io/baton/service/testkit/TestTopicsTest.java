package io.baton.service.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.service.CloseReason;
import io.baton.service.Member;
import io.baton.service.Presence;
import io.baton.service.Principal;
import io.baton.service.Publication;
import io.baton.service.Resumable;
import io.baton.service.Service;
import io.baton.service.Session;
import io.baton.service.SessionId;
import io.baton.service.Subscriber;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class TestTopicsTest {
  private final TestTopics topics = new TestTopics();
  private final TestSession<String, String> anna = session("anna");
  private final TestSession<String, String> ben = session("ben");

  /** Enters the room under the name that its client says, and tells what it gets. */
  private record Room() implements Service<String, String>, Subscriber<String>, Resumable<String> {
    @Override
    public void received(Session<String> session, String line) {
      if (line.equals("addressable")) {
        session.addressable();
      } else {
        session.subscribe("room", line);
      }
    }

    @Override
    public void published(Session<String> session, Publication publication) {
      session.send("all: " + new String(publication.message(), UTF_8));
    }

    @Override
    public void sent(Session<String> session, byte[] message) {
      session.send("me: " + new String(message, UTF_8));
    }

    @Override
    public void missed(Session<String> session, String topic, long count) {
      session.send("missed " + count);
    }

    @Override
    public byte[] save(Session<String> session) {
      return NOTHING;
    }

    @Override
    public void resumed(Session<String> session, byte[] saved) {}

    @Override
    public void away(Session<String> session) {}

    @Override
    public void back(Session<String> session, OptionalLong last) {}
  }

  private TestSession<String, String> session(String user) {
    return TestSession.from(Room::new)
        .principal(new Principal(user))
        .topics(topics)
        .sends(String.class);
  }

  private void enter() {
    for (TestSession<String, String> each : List.of(anna, ben)) {
      each.open();
      each.receive("x");
    }
    anna.receive("Anna");
    ben.receive("Ben");
  }

  private Presence present() {
    return topics.present("room").toCompletableFuture().join();
  }

  private boolean sendTo(long session, String text) {
    return topics.send(new SessionId(session), text.getBytes(UTF_8)).toCompletableFuture().join();
  }

  @Test
  void subscribersAreListedWhereverTheyMoveAndSaidToBeAway() {
    enter();
    ben.move();
    ben.goAway();
    Member first = new Member(new SessionId(1), Optional.of("anna"), "Anna", false);
    Member second = new Member(new SessionId(2), Optional.of("ben"), "Ben", true);
    assertThat(present()).isEqualTo(new Presence(List.of(first, second), 0, 0));
    anna.clientEnds();
    assertThat(present().members()).containsExactly(second);
    topics.silent(1);
    assertThat(present().isWhole()).isFalse();
  }

  @Test
  void aMessageReachesOneAddressableSessionAlsoAfterItsMove() {
    enter();
    assertThat(sendTo(2, "before")).isFalse();
    ben.receive("addressable");
    ben.move();
    assertThat(sendTo(2, "hello")).isTrue();
    assertThat(ben.sent()).containsExactly("me: hello");
    assertThat(anna.sent()).isEmpty();
    ben.clientEnds();
    assertThat(sendTo(2, "late")).isFalse();
  }

  @Test
  void aMessageReachesAllAddressableSessionsOfAUser() {
    TestSession<String, String> phone = session("anna");
    TestSession<String, String> silent = session("anna");
    for (TestSession<String, String> each : List.of(anna, ben, phone, silent)) {
      each.open();
    }
    List.of(anna, ben, phone).forEach(each -> each.receive("addressable"));
    assertThat(topics.send(new Principal("anna"), "hi".getBytes(UTF_8)).toCompletableFuture())
        .isCompletedWithValue(true);
    assertThat(anna.sent()).containsExactly("me: hi");
    assertThat(phone.sent()).containsExactly("me: hi");
    assertThat(ben.sent()).isEmpty();
    assertThat(silent.sent()).isEmpty();
    assertThat(topics.send(new Principal("cleo"), new byte[1]).toCompletableFuture())
        .isCompletedWithValue(false);
  }

  @Test
  void lossesAreTold() {
    enter();
    topics.lose("room", 3);
    assertThat(anna.sent()).containsExactly("missed 3");
  }

  @Test
  void whatIsRelayedIsSentWithoutACallbackToSessionsThatAreReady() {
    topics.relay("room", String.class, bytes -> "relayed: " + new String(bytes, UTF_8));
    enter();
    topics.publish("room", "one".getBytes(UTF_8));
    ben.setWritable(false);
    topics.publish("room", "two".getBytes(UTF_8));
    topics.publish("room", "three".getBytes(UTF_8));
    assertThat(anna.sent()).containsExactly("relayed: one", "relayed: two", "relayed: three");
    assertThat(ben.takeSent()).containsExactly("relayed: one");
    ben.setWritable(true);
    assertThat(ben.takeSent()).containsExactly("missed 2");
  }

  @Test
  void whatIsRelayedAsMessagesOfAnotherClassIsPublishedToTheService() {
    topics.relay("room", Integer.class, bytes -> bytes.length);
    enter();
    topics.publish("room", "one".getBytes(UTF_8));
    assertThat(anna.sent()).containsExactly("all: one");
    topics.relay("room", String.class, bytes -> "relayed");
    topics.publish("room", "two".getBytes(UTF_8));
    assertThat(anna.takeSent()).containsExactly("all: one", "relayed");
  }

  @Test
  void aSessionThatMayBeRelayedToSaysWhatItSends() {
    topics.relay("room", String.class, bytes -> "relayed");
    TestSession<String, String> cleo = TestSession.from(Room::new).topics(topics);
    cleo.open();
    cleo.receive("x");
    assertThatThrownBy(() -> topics.publish("room", new byte[1]))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "the topic room is relayed to sessions that send messages of java.lang.String: what this one sends is to be said with TestSession.sends");
  }

  @Test
  void publishSaysThatNotEverybodyHearsItWhileAnotherWorkerIsBehind() {
    enter();
    topics.behind(true);
    assertThat(topics.publish("room", "one".getBytes(UTF_8))).isFalse();
    topics.behind(false);
    assertThat(topics.publish("room", "two".getBytes(UTF_8))).isTrue();
    assertThat(anna.sent()).containsExactly("all: one", "all: two");
  }

  /** Subscribes to as many topics as its client says. */
  private record Greedy(boolean catches) implements Service<Integer, String>, Subscriber<String> {
    @Override
    public void received(Session<String> session, Integer topics) {
      try {
        for (int i = 0; i < topics; i++) {
          session.subscribe("topic " + i);
        }
      } catch (IllegalStateException e) {
        if (!catches) {
          throw e;
        }
      }
    }

    @Override
    public void published(Session<String> session, Publication publication) {}
  }

  @Test
  void oneTopicTooManyEndsTheSession() {
    TestSession<Integer, String> greedy = TestSession.of(new Greedy(false)).topics(topics);
    greedy.open();
    greedy.receive(Session.MAX_TOPICS);
    greedy.receive(1); // again
    assertThat(greedy.ended()).isEmpty();
    assertThatThrownBy(() -> greedy.receive(Session.MAX_TOPICS + 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("a session may subscribe to 1,000 topics at most");
    assertThat(greedy.ended()).contains(CloseReason.ERROR);
    assertThat(topics.subscribers("topic 0")).isEmpty();
  }

  @Test
  void oneTopicTooManyEndsTheSessionAlsoIfItsServiceDoesNotCare() {
    TestSession<Integer, String> greedy = TestSession.of(new Greedy(true)).topics(topics);
    greedy.open();
    greedy.receive(Session.MAX_TOPICS + 1);
    assertThat(greedy.ended()).contains(CloseReason.ERROR);
  }

  @Test
  void aTextAboutASessionHasABound() {
    anna.open();
    assertThatThrownBy(() -> anna.receive("x".repeat(Member.MAX_ABOUT_BYTES + 1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a session says at most 256 bytes about itself");
  }
}
