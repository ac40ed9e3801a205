package io.baton.link.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.baton.link.LinkHandler;
import io.baton.link.LinkSession;
import io.baton.link.core.LinkCode;
import io.baton.link.service.LinkService;
import io.baton.link.service.LinkSubscriber;
import io.baton.link.service.LinkTopics;
import io.baton.link.types.Output;
import io.baton.link.types.ReadingPlan;
import io.baton.link.types.SchemaException;
import io.baton.link.types.Types;
import io.baton.service.Member;
import io.baton.service.Principal;
import io.baton.service.testkit.TestTopics;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Topics of services of Link, in the test kit. */
class TestLinkTopicsTest {
  private static final String LOBBY = "lobby";

  sealed interface Chat {
    record Say(String text) implements Chat {}

    record Whisper(String to, String text) implements Chat {}

    record Leave() implements Chat {}

    record Said(String text) implements Chat {}

    record Missed(String topic, long count) implements Chat {}

    record Unknown(String type) implements Chat {}
  }

  /** The types of a worker with a newer version of the service. */
  sealed interface NewerChat {
    record Said(String text, Optional<String> mood) implements NewerChat {}

    record Waved() implements NewerChat {}
  }

  /** Types that contradict these. */
  sealed interface OtherChat {
    record Said(int text) implements OtherChat {}
  }

  private static final Types<Chat> CHAT = Types.of(Chat.class);

  /** A session in the lobby. */
  private static final class Room implements LinkSubscriber<Chat, Chat> {
    private final LinkTopics<Chat> rooms;

    private Room(LinkTopics<Chat> rooms) {
      this.rooms = rooms;
    }

    @Override
    public boolean opened(LinkSession<Chat, Chat> session) {
      session.subscribe(LOBBY, session.principal().map(Principal::name).orElse(""));
      session.addressable();
      return true;
    }

    @Override
    public void received(LinkSession<Chat, Chat> session, Chat message) {
      switch (message) {
        case Chat.Say(String text) -> rooms.publish(LOBBY, new Chat.Said(text));
        case Chat.Whisper(String to, String text) ->
            rooms.send(new Principal(to, Map.of()), new Chat.Said("(" + text + ")"));
        case Chat.Leave ignored -> session.unsubscribe(LOBBY);
        case Chat.Said ignored -> session.close();
        case Chat.Missed ignored -> throw new IllegalStateException("only the service misses");
        case Chat.Unknown ignored -> throw new IllegalStateException("only the service");
      }
    }

    @Override
    public void published(LinkSession<Chat, Chat> session, String topic, Chat message) {
      session.send(message);
    }

    @Override
    public void sent(LinkSession<Chat, Chat> session, Chat message) {
      session.send(message);
    }

    @Override
    public void missed(LinkSession<Chat, Chat> session, String topic, long count) {
      session.send(new Chat.Missed(topic, count));
    }

    @Override
    public void undecodable(LinkSession<Chat, Chat> session, String type) {
      session.send(new Chat.Unknown(type));
    }

    @Override
    public byte[] save(LinkSession<Chat, Chat> session) {
      rooms.publish(LOBBY, new Chat.Said("brb"));
      return new byte[0];
    }
  }

  private final TestTopics topics = new TestTopics();
  private final LinkTopics<Chat> rooms = LinkTopics.of(topics, CHAT);
  private final TestLink<Chat, Chat> alice = guest("alice");
  private final TestLink<Chat, Chat> bob = guest("bob");

  private TestLink<Chat, Chat> guest(String name) {
    TestLink<Chat, Chat> link = of(() -> new Room(rooms)).principal(new Principal(name, Map.of()));
    link.open();
    return link;
  }

  private TestLink<Chat, Chat> of(Supplier<LinkHandler<Chat, Chat>> service) {
    return TestLink.ofService(CHAT, CHAT, service).topics(topics);
  }

  private static void says(TestLink<Chat, Chat> guest, String text) {
    guest.client().send(new Chat.Say(text));
    guest.run();
  }

  @Test
  void whatOneSessionPublishesAllSubscribersGet() {
    says(alice, "hello");
    assertThat(alice.takeReceivedByClient()).containsExactly(new Chat.Said("hello"));
    assertThat(bob.takeReceivedByClient()).containsExactly(new Chat.Said("hello"));
  }

  @Test
  void aSubscriptionMovesWithItsSessionAndNothingIsLostOrDoubled() {
    says(alice, "before");
    bob.move();
    says(alice, "after");
    assertThat(bob.takeReceivedByClient())
        .containsExactly(new Chat.Said("before"), new Chat.Said("brb"), new Chat.Said("after"));
  }

  @Test
  void aSubscriptionStaysWhileTheClientIsAway() throws Exception {
    bob.lose();
    assertThat(topics.present(LOBBY).toCompletableFuture().get().members())
        .extracting(Member::about, Member::isAway)
        .containsExactly(tuple("alice", false), tuple("bob", true));
    says(alice, "are you there?");
    assertThat(bob.takeReceivedByClient()).isEmpty();
    bob.back();
    assertThat(bob.takeReceivedByClient()).containsExactly(new Chat.Said("are you there?"));
  }

  @Test
  void aSubscriptionEndsWithUnsubscribeAndWithTheSession() {
    alice.client().send(new Chat.Leave());
    alice.run();
    bob.client().close(300, "");
    bob.run();
    assertThat(topics.subscribers(LOBBY)).isEmpty();
    rooms.publish(LOBBY, new Chat.Said("anybody?"));
    assertThat(alice.takeReceivedByClient()).isEmpty();
  }

  @Test
  void aSessionThatIsClosingHearsNothingMore() {
    alice.client().send(new Chat.Say("last"));
    alice.client().send(new Chat.Said("closes the session"));
    alice.run();
    assertThat(alice.takeReceivedByClient()).isEmpty();
    assertThat(alice.clientEnding())
        .hasValueSatisfying(end -> assertThat(end.code()).isEqualTo(18));
    assertThat(bob.takeReceivedByClient()).containsExactly(new Chat.Said("last"));
  }

  @Test
  void allSessionsOfAUserAreSentAMessage() {
    TestLink<Chat, Chat> phone = guest("bob");
    alice.client().send(new Chat.Whisper("bob", "psst"));
    alice.run();
    assertThat(alice.takeReceivedByClient()).isEmpty();
    assertThat(bob.takeReceivedByClient()).containsExactly(new Chat.Said("(psst)"));
    assertThat(phone.takeReceivedByClient()).containsExactly(new Chat.Said("(psst)"));
  }

  @Test
  void oneSessionIsSentAMessage() throws Exception {
    Member first = topics.present(LOBBY).toCompletableFuture().get().members().getFirst();
    assertThat(rooms.send(first.session(), new Chat.Said("you")).toCompletableFuture().get())
        .isTrue();
    assertThat(alice.takeReceivedByClient()).containsExactly(new Chat.Said("you"));
    assertThat(bob.takeReceivedByClient()).isEmpty();
  }

  @Test
  void whatIsLostIsToldWithItsNumber() {
    topics.lose(LOBBY, 3);
    assertThat(bob.takeReceivedByClient()).containsExactly(new Chat.Missed(LOBBY, 3));
  }

  @Test
  void aRelayedTopicReachesTheClientsWithoutTheHandler() {
    TestLink<Chat, Chat> carol =
        of(() ->
            new LinkSubscriber<Chat, Chat>() {
              @Override
              public boolean opened(LinkSession<Chat, Chat> session) {
                session.subscribe(LOBBY);
                return true;
              }

              @Override
              public void received(LinkSession<Chat, Chat> session, Chat message) {}

              @Override
              public void published(LinkSession<Chat, Chat> session, String topic, Chat message) {
                throw new AssertionError("relayed");
              }
            });
    carol.open();
    rooms.relay(LOBBY);
    says(alice, "one");
    carol.move();
    says(alice, "two");
    carol.lose();
    carol.back();
    says(alice, "three");
    assertThat(carol.takeReceivedByClient())
        .containsExactly(new Chat.Said("one"), new Chat.Said("two"), new Chat.Said("three"));
  }

  @Test
  void aRelayedPublicationIsMissedWhileTheClientIsAway() {
    TestLink<Chat, Chat> slow = of(() -> new Room(rooms));
    slow.open();
    rooms.relay(LOBBY);
    slow.lose();
    says(alice, "while it is away");
    slow.back();
    assertThat(slow.takeReceivedByClient()).containsExactly(new Chat.Missed(LOBBY, 1));
    says(alice, "again");
    assertThat(slow.takeReceivedByClient()).containsExactly(new Chat.Said("again"));
  }

  @Test
  void aWorkerWithNewerTypesIsUnderstoodAndItsNewRecordsAreUndecodable() {
    LinkTopics<NewerChat> newer = LinkTopics.of(topics, Types.of(NewerChat.class));
    newer.publish(LOBBY, new NewerChat.Said("hello", Optional.of("happy")));
    newer.publish(LOBBY, new NewerChat.Waved());
    assertThat(bob.takeReceivedByClient())
        .containsExactly(new Chat.Said("hello"), new Chat.Unknown("Waved"));
  }

  @Test
  void whatANewerWorkerPublishesIsRelayedInItsTypes() {
    rooms.relay(LOBBY);
    LinkTopics.of(topics, Types.of(NewerChat.class))
        .publish(LOBBY, new NewerChat.Said("hello", Optional.empty()));
    assertThat(bob.takeReceivedByClient()).containsExactly(new Chat.Said("hello"));
  }

  @Test
  void typesThatContradictEachOtherEndTheSessionWithSchema() {
    LinkTopics.of(topics, Types.of(OtherChat.class)).publish(LOBBY, new OtherChat.Said(1));
    assertThat(bob.clientEnding())
        .hasValueSatisfying(end -> {
          assertThat(end.code()).isEqualTo(LinkCode.SCHEMA.number());
          assertThat(end.text()).contains("of another worker").contains("Said.text");
        });
  }

  @Test
  void bytesWithoutTypesAreAMistakeOfTheModule() {
    topics.publish(LOBBY, new byte[] {1});
    assertThatIllegalStateException()
        .isThrownBy(bob::run)
        .withMessageContaining("no message of LinkTopics");
    bob.run();
    assertThat(bob.clientEnding())
        .hasValueSatisfying(end -> assertThat(end.code()).isEqualTo(LinkCode.ERROR.number()));
  }

  @Test
  void aMessageThatIsTooLongIsRefused() {
    assertThatThrownBy(() -> rooms.publish(LOBBY, new Chat.Said("x".repeat(64 * 1024))))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(topics.published()).isEmpty();
  }

  @Test
  void typesThatLeaveNoRoomForMessagesAreNotPublished() {
    Types<Chat> large =
        new Types<>() {
          @Override
          public byte[] schema() {
            return new byte[32 * 1024 + 1];
          }

          @Override
          public void write(Chat message, Output out) {
            CHAT.write(message, out);
          }

          @Override
          public ReadingPlan<Chat> reading(byte[] peers) throws SchemaException {
            return CHAT.reading(peers);
          }
        };
    assertThat(LinkService.of(CHAT, large, () -> new Room(rooms)).get()).isNotNull();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LinkTopics.of(topics, large))
        .withMessageContaining("has 32,769 bytes; 32,768 are allowed");
  }

  @Test
  void aHandlerThatIsNoSubscriberMayNotSubscribe() {
    TestLink<Chat, Chat> link = of(() -> (session, message) -> session.subscribe(LOBBY));
    link.open();
    link.client().send(new Chat.Say("x"));
    assertThatIllegalStateException()
        .isThrownBy(link::run)
        .withMessage("the handler subscribes, but is no " + LinkSubscriber.class.getName());
  }

  @Test
  void aSessionOfAClientHasNoTopics() {
    CompletableFuture<Chat> heard = new CompletableFuture<>();
    LinkHandler<Chat, Chat> client = (session, message) -> heard.complete(message);
    TestLink<Chat, Chat> link = TestLink.ofClient(CHAT, CHAT, client);
    link.open();
    assertThatIllegalStateException().isThrownBy(() -> link.client().subscribe(LOBBY));
    assertThat(heard).isNotDone();
  }
}
