package io.baton.worker.topics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.baton.mesh.MeshMessage;
import io.baton.mesh.MeshMessage.Begun;
import io.baton.mesh.MeshMessage.Claimed;
import io.baton.mesh.MeshMessage.Ended;
import io.baton.mesh.MeshMessage.Forward;
import io.baton.mesh.MeshMessage.Gap;
import io.baton.mesh.MeshMessage.Has;
import io.baton.mesh.MeshMessage.Passed;
import io.baton.mesh.MeshMessage.Publish;
import io.baton.mesh.MeshMessage.Synced;
import io.baton.mesh.MeshMessage.Tail;
import io.baton.mesh.MeshMessage.TailDone;
import io.baton.mesh.MeshMessage.Unwant;
import io.baton.mesh.MeshMessage.Want;
import io.baton.service.Session;
import io.baton.worker.memory.LimitedMemory;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.junit.jupiter.api.Test;

class TopicRouterTest {
  private static final long SELF = 1;
  private static final long OTHER = 2;
  private static final long THIRD = 3;
  private static final long SESSION = 100;
  private static final byte[] MESSAGE = new byte[10];

  /** All has been said of the first move of the session. */
  private static final String CLAIMED = "to 2: Claimed[session=100, move=1, unheard=[]]";

  private final RecordingOutput output = new RecordingOutput();
  private final LimitedMemory memory = new LimitedMemory();
  private final TopicRouter router = new TopicRouter(SELF, 1, 2, memory, output);

  /** The topic a, which OTHER has begun to publish after this number. */
  private void subscribeAfter(long n) {
    router.introduced(OTHER);
    router.subscribe(SESSION, "a", null);
    router.received(OTHER, new Has("a", 1, n));
    output.take();
  }

  @Test
  void aPublicationReachesTheSessionsHereAndTheWorkersThatWantIt() {
    router.introduced(OTHER);
    router.introduced(THIRD);
    router.subscribe(SESSION, "a", null);
    router.received(OTHER, new Want("a", 7));
    output.take();
    assertThat(router.publish("a", MESSAGE)).isTrue();
    assertThat(output.take()).containsExactly("to 2: publish a, 1", "deliver 100: a of 1, 1");
    router.received(OTHER, new Unwant("a"));
    router.received(THIRD, new Want("a", 9));
    assertThat(output.take()).containsExactly("to 3: Has[topic=a, epoch=9, n=1]");
    router.publish("a", MESSAGE);
    assertThat(output.take()).containsExactly("to 3: publish a, 2", "deliver 100: a of 1, 2");
  }

  @Test
  void aPublicationThatNobodyWantsGoesNowhere() {
    router.introduced(OTHER);
    output.take();
    assertThat(router.publish("a", MESSAGE)).isTrue();
    assertThat(output.take()).isEmpty();
    assertThat(memory.held).isZero();
  }

  @Test
  void theFirstSubscriptionOfATopicIsToldToAllAndItsLastEnd() {
    router.introduced(OTHER);
    assertThat(output.take()).containsExactly("to 2: Synced[]");
    router.subscribe(SESSION, "a", null);
    router.subscribe(101, "a", null);
    assertThat(output.take()).containsExactly("to 2: Want[topic=a, epoch=1]");
    router.unsubscribe(SESSION, "a");
    router.closed(101);
    assertThat(output.take()).containsExactly("to 2: Unwant[topic=a]");
    assertThat(router.subscriptions()).isZero();
    assertThat(memory.held).isZero();
  }

  @Test
  void aNewcomerIsToldOfManyTopicsSomeAtATime() {
    for (int i = 0; i < TopicLimits.INTRODUCED_AT_A_TIME + 1; i++) {
      router.subscribe(SESSION + i / TopicLimits.SESSION_TOPICS, "topic " + i, null);
    }
    router.introduced(OTHER);
    assertThat(output.take()).hasSize(TopicLimits.INTRODUCED_AT_A_TIME);
    router.writable(OTHER);
    assertThat(output.take()).hasSize(2).endsWith("to 2: Synced[]");
    router.writable(OTHER);
    assertThat(output.take()).isEmpty();
  }

  @Test
  void whatComesBeforeTheLastNumberIsKnownIsIgnored() {
    router.introduced(OTHER);
    router.subscribe(SESSION, "a", null);
    output.take();
    router.received(OTHER, new Publish("a", 4, MESSAGE));
    router.received(OTHER, new Has("a", 0, 4));
    router.received(OTHER, new Publish("a", 5, MESSAGE));
    assertThat(output.take()).isEmpty();
    router.received(OTHER, new Has("a", 1, 5));
    router.received(OTHER, new Publish("a", 5, MESSAGE));
    router.received(OTHER, new Publish("a", 6, MESSAGE));
    assertThat(output.take()).containsExactly("deliver 100: a of 2, 6");
  }

  @Test
  void numbersThatAreMissingAreToldBeforeTheNextPublication() {
    subscribeAfter(5);
    router.received(OTHER, new Publish("a", 9, MESSAGE));
    assertThat(output.take()).containsExactly("missed 100: a, 3", "deliver 100: a of 2, 9");
    router.received(OTHER, new Gap("a", 11));
    assertThat(output.take()).containsExactly("missed 100: a, 2");
    router.received(OTHER, new Gap("a", 11));
    assertThat(output.take()).isEmpty();
    assertThat(router.counters().missedByLink()).isEqualTo(5);
  }

  @Test
  void anotherRunOfNumbersIsALossOfUnknownSize() {
    subscribeAfter(5);
    router.received(OTHER, new Publish("a", (1L << MeshMessage.RUN_BITS) + 5, MESSAGE));
    assertThat(output.take()).first().isEqualTo("missed 100: a, -1");
  }

  @Test
  void aWishForWhichThereIsNoMemoryIsRefusedAndGrantedOnceThereIs() {
    router.introduced(OTHER);
    memory.limit = memory.held;
    output.take();
    int granted = 0;
    for (; granted < 1_000; granted++) {
      router.received(OTHER, new Want("topic " + granted, 7));
      if (output.take().getFirst().endsWith("n=-1]")) {
        break;
      }
    }
    assertThat(granted).isBetween(1, 999);
    memory.limit = Long.MAX_VALUE;
    router.received(OTHER, new Want("topic " + granted, 7));
    assertThat(output.take())
        .containsExactly("to 2: Has[topic=topic %d, epoch=7, n=0]".formatted(granted));
  }

  @Test
  void whoIsRefusedATopicTellsItsSessionsAndAsksAgain() {
    router.introduced(OTHER);
    router.introduced(THIRD);
    router.subscribe(SESSION, "a", null);
    router.subscribe(SESSION, "b", null);
    router.received(OTHER, new Has("b", 2, 4));
    output.take();
    router.received(OTHER, new Has("a", 1, MeshMessage.REFUSED));
    assertThat(output.take()).containsExactly("missed 100: a, -1");
    assertThat(router.counters().refused()).isEqualTo(1);
    router.handledMissed(SESSION);
    router.tick(TopicLimits.NUMBERS_MS);
    assertThat(output.take()).containsExactly("to 2: Want[topic=a, epoch=1]", "to 2: Synced[]");
    router.received(OTHER, new Has("a", 1, 9));
    router.received(OTHER, new Publish("a", 10, MESSAGE));
    assertThat(output.take()).containsExactly("deliver 100: a of 2, 10");
    router.tick(2 * TopicLimits.NUMBERS_MS);
    assertThat(output.take()).isEmpty();
  }

  @Test
  void aWishThatIsRefusedWhenALinkHasBegunAnewIsToldToo() {
    subscribeAfter(5);
    router.reset(OTHER);
    router.received(OTHER, new Has("a", 1, MeshMessage.REFUSED));
    assertThat(output.take())
        .containsExactly("to 2: Want[topic=a, epoch=1]", "to 2: Synced[]", "missed 100: a, -1");
    router.handledMissed(SESSION);
    router.tick(TopicLimits.NUMBERS_MS);
    router.received(OTHER, new Has("a", 1, 9));
    router.received(OTHER, new Publish("a", 10, MESSAGE));
    assertThat(output.take())
        .containsExactly(
            "to 2: Want[topic=a, epoch=1]", "to 2: Synced[]", "deliver 100: a of 2, 10");
  }

  @Test
  void aFullLinkIsToldTheNumberInsteadOfThePublication() {
    router.introduced(OTHER);
    router.received(OTHER, new Want("a", 7));
    output.take();
    output.full.add(OTHER);
    assertThat(router.publish("a", MESSAGE)).isFalse();
    assertThat(output.take()).containsExactly("to 2: Gap[topic=a, n=1]");
  }

  @Test
  void aSlowSessionIsToldWhatItMissedOnceHalfOfItsRoomIsFree() {
    router.subscribe(SESSION, "a", null);
    for (int i = 0; i < TopicLimits.WAITING + 3; i++) {
      router.publish("a", MESSAGE);
    }
    assertThat(output.take()).hasSize(TopicLimits.WAITING);
    for (int i = 0; i < TopicLimits.WAITING_RELAXED; i++) {
      assertThat(output.take()).isEmpty();
      router.handled(SESSION, output.delivered.remove());
    }
    assertThat(output.take()).containsExactly("missed 100: a, 3");
    router.publish("a", MESSAGE);
    assertThat(output.take()).hasSize(1);
  }

  @Test
  void oneSlowSessionDelaysNoOther() {
    router.subscribe(SESSION, "a", null);
    for (int i = 0; i < TopicLimits.WAITING; i++) {
      router.publish("a", MESSAGE);
    }
    router.subscribe(101, "a", null);
    output.take();
    router.publish("a", MESSAGE);
    assertThat(output.take()).containsExactly("deliver 101: a of 1, 257");
  }

  @Test
  void aMessageIsBookedOnceHoweverManyGetItUntilAllAreDone() {
    router.subscribe(SESSION, "a", null);
    router.subscribe(101, "a", null);
    long before = memory.held;
    router.publish("a", MESSAGE);
    assertThat(memory.held).isEqualTo(before + MESSAGE.length + Publication.OVERHEAD_BYTES);
    router.handled(SESSION, output.delivered.remove());
    assertThat(memory.held).isGreaterThan(before);
    router.handled(101, output.delivered.remove());
    assertThat(memory.held).isEqualTo(before);
  }

  @Test
  void withoutMemoryAPublicationIsMissed() {
    router.subscribe(SESSION, "a", null);
    memory.limit = memory.held;
    assertThat(router.publish("a", MESSAGE)).isFalse();
    assertThat(output.take()).containsExactly("missed 100: a, 1");
    assertThat(router.subscribe(SESSION, "b", null)).isEqualTo(Subscribed.NO_MEMORY);
  }

  @Test
  void aSessionHasABoundedNumberOfTopics() {
    for (int i = 0; i < Session.MAX_TOPICS; i++) {
      assertThat(router.subscribe(SESSION, "topic " + i, null)).isEqualTo(Subscribed.YES);
    }
    assertThat(router.subscribe(SESSION, "topic 0", null)).isEqualTo(Subscribed.ALREADY);
    assertThat(router.subscribe(SESSION, "more", null)).isEqualTo(Subscribed.TOO_MANY_OF_SESSION);
  }

  @Test
  void topicsAndMessagesHaveALength() {
    assertThatThrownBy(() -> router.subscribe(SESSION, "", null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("an empty topic");
    assertThat(router.subscribe(SESSION, "é".repeat(127), null)).isEqualTo(Subscribed.YES);
    assertThatThrownBy(() -> router.subscribe(SESSION, "é".repeat(128), null))
        .hasMessage("a topic of 256 bytes; at most 255 are allowed");
    assertThatThrownBy(() -> router.publish("a", new byte[65_537]))
        .hasMessage("a message of 65537 bytes; at most 65536 are allowed");
  }

  @Test
  void aNeighbourThatSaysNonsenseAboutSessionsChangesNothing() {
    subscribeAfter(5);
    router.received(OTHER, new Forward(SESSION, 0, OTHER, "a", 6, MESSAGE));
    router.received(OTHER, new Passed(SESSION, 0, OTHER, "a", 99));
    router.received(OTHER, new MeshMessage.Ended(SESSION, 0, OTHER));
    router.received(OTHER, new TailDone(SESSION, 0));
    router.received(OTHER, new Forward(4711, 0, OTHER, "a", 6, MESSAGE));
    router.received(OTHER, new Gap("nobody's", 9));
    router.received(OTHER, new Synced());
    assertThat(output.take()).isEmpty();
    router.received(OTHER, new Tail(SESSION, 0));
    assertThat(output.take()).containsExactly("to 2: TailDone[session=100, move=0]");
  }

  @Test
  void aWorkerThatHasDiedIsSentNothing() {
    router.introduced(OTHER);
    router.received(OTHER, new Want("a", 7));
    router.died(OTHER);
    output.take();
    router.publish("a", MESSAGE);
    assertThat(output.take()).isEmpty();
    assertThatThrownBy(() -> router.received(OTHER, new Synced()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("worker 2 is no neighbour");
  }

  @Test
  void aNeighbourWhoseLinkBeginsAnewIsToldAllAgainAndItsNumbersTellWhatIsMissed() {
    subscribeAfter(5);
    router.received(OTHER, new Want("b", 7));
    output.take();
    router.reset(OTHER);
    assertThat(output.take()).containsExactly("to 2: Want[topic=a, epoch=1]", "to 2: Synced[]");
    router.publish("b", MESSAGE);
    assertThat(output.take()).as("it has to say again what it wants").isEmpty();
    router.received(OTHER, new Publish("a", 6, MESSAGE));
    assertThat(output.take()).as("sent before it heard").containsExactly("deliver 100: a of 2, 6");
    router.received(OTHER, new Has("a", 1, 9));
    router.received(OTHER, new Publish("a", 10, MESSAGE));
    assertThat(output.take()).containsExactly("missed 100: a, 3", "deliver 100: a of 2, 10");
  }

  @Test
  void aNeighbourWhoseLinkBeginsAnewHearsTopicsInPartsFromTheFirstOn() {
    int topics = TopicLimits.INTRODUCED_AT_A_TIME + 1;
    for (int i = 0; i < topics; i++) {
      router.subscribe(SESSION, "topic " + i, null);
    }
    router.introduced(OTHER);
    List<String> first = output.take();
    router.reset(OTHER);
    router.tick(100);
    assertThat(output.take()).as("no more than it has room for").isEqualTo(first);
    router.writable(OTHER);
    assertThat(output.take()).hasSize(2).endsWith("to 2: Synced[]");
  }

  @Test
  void aSessionClaimsWhatItsFormerWorkerHasOnceMoreWhenTheirLinkBeginsAnew() {
    resume(5);
    router.received(OTHER, new Has("a", 1, 8));
    router.reset(OTHER);
    assertThat(output.take())
        .containsExactly(
            "to 2: Tail[session=100, move=1]", "to 2: Want[topic=a, epoch=1]", "to 2: Synced[]");
    router.received(OTHER, new Forward(SESSION, 1, OTHER, "a", 6, MESSAGE));
    router.received(OTHER, new Passed(SESSION, 1, OTHER, "a", 8));
    assertThat(output.take())
        .containsExactly(
            "deliver 100: a of 2, 6", "missed 100: a, 2", "to 2: TailDone[session=100, move=1]");
  }

  @Test
  void aTailThatIsClaimedOnceMoreSaysUpToWhereAllHasBeenForwarded() {
    subscribeAfter(5);
    router.save(SESSION);
    router.departed(SESSION);
    router.received(OTHER, new Tail(SESSION, 1));
    router.publish("a", MESSAGE);
    assertThat(output.take()).containsExactly(CLAIMED, "to 2: forward to 100, move 1: a of 1, 1");
    router.reset(OTHER);
    output.take();
    router.publish("a", MESSAGE);
    assertThat(output.take()).isEmpty();
    router.received(OTHER, new Tail(SESSION, 1));
    assertThat(output.take())
        .containsExactly(
            "to 2: forward to 100, move 1: a of 1, 2",
            "to 2: Passed[session=100, move=1, publisher=1, topic=a, n=2]",
            CLAIMED);
    assertThat(router.owes()).isTrue();
  }

  @Test
  void subscribersOfANeighbourThatIsSeveredAreToldAndItIsNotCalledDead() {
    subscribeAfter(5);
    router.subscribe(101, "b", null);
    output.take();
    router.severed(OTHER);
    assertThat(output.take()).containsExactly("missed 100: a, -1");
    router.handledMissed(SESSION);
    assertThat(router.save(SESSION)).asString().contains("dead=[]", "marks=[Mark[publisher=1");
  }

  @Test
  void aSessionThatComesToAWorkerWithoutALinkToAPublisherIsTold() {
    router.severed(THIRD);
    router.resumed(SESSION, after(THIRD, 5));
    assertThat(output.take()).containsExactly("missed 100: a, -1");
    router.handledMissed(SESSION);
    assertThat(router.save(SESSION)).asString().contains("dead=[]");
  }

  @Test
  void aMillionSubscriptionsAreBookedAsWhatTheyTake() {
    for (int session = 0; session < 1_000; session++) {
      for (int topic = 0; topic < 1_000; topic++) {
        router.subscribe(session, "topic " + topic, null);
      }
    }
    assertThat(router.subscriptions()).isEqualTo(TopicLimits.SUBSCRIPTIONS);
    assertThat(router.subscribe(1_000, "a", null)).isEqualTo(Subscribed.TOO_MANY_OF_WORKER);
    assertThat(memory.held / TopicLimits.SUBSCRIPTIONS).isBetween(150L, 400L);
    router.publish("topic 1", MESSAGE);
    assertThat(output.take()).hasSize(1_000);
  }

  /** What is allocated is more than what is kept: tables grow, and leave their former arrays. */
  @Test
  void aTopicOfItsOwnTakesSomeHundredBytes() {
    int topics = 100_000;
    String[] names = new String[topics];
    for (int i = 0; i < topics; i++) {
      names[i] = "room/" + i;
    }
    for (long worker = 2; worker < 5; worker++) {
      router.introduced(worker);
    }
    TopicRouter silent = new TopicRouter(SELF, 1, 2, memory, new SilentOutput());
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < topics; i++) {
      silent.subscribe(i / TopicLimits.SESSION_TOPICS, names[i], null);
    }
    long each = (threads.getCurrentThreadAllocatedBytes() - before) / topics;
    long booked = memory.held / topics;
    assertThat(each).as("allocated; booked are %d", booked).isBetween(100L, 2 * booked);
  }

  private static final class SilentOutput implements TopicOutput {
    @Override
    public void deliver(long session, Publication publication) {}

    @Override
    public void missed(long session, String topic, long count) {}

    @Override
    public SessionFacts facts(long session) {
      return new SessionFacts("", false);
    }

    @Override
    public boolean send(long neighbour, MeshMessage message) {
      return true;
    }
  }

  // Moves: what simulations do not say in words.

  @Test
  void aSessionThatMovesAwayIsFollowedByWhatIsPublishedMeanwhile() {
    subscribeAfter(5);
    router.freeze(SESSION);
    router.received(OTHER, new Publish("a", 6, MESSAGE));
    router.publish("a", MESSAGE);
    assertThat(output.take()).isEmpty();
    TopicPositions positions = router.save(SESSION);
    assertThat(positions)
        .asString()
        .contains("from=1, move=1", "publisher=1, n=0", "publisher=2, n=5");
    router.departed(SESSION);
    assertThat(router.owes()).isTrue();
    router.received(OTHER, new Tail(SESSION, 1));
    assertThat(output.take())
        .containsExactly(
            "to 2: forward to 100, move 1: a of 2, 6",
            "to 2: forward to 100, move 1: a of 1, 1",
            "to 2: Passed[session=100, move=1, publisher=1, topic=a, n=1]",
            "to 2: Passed[session=100, move=1, publisher=2, topic=a, n=6]",
            CLAIMED);
    router.publish("a", MESSAGE);
    output.full.add(OTHER);
    router.publish("a", MESSAGE);
    assertThat(output.take())
        .containsExactly(
            "to 2: forward to 100, move 1: a of 1, 2",
            "to 2: Passed[session=100, move=1, publisher=1, topic=a, n=3]");
    router.received(OTHER, new TailDone(SESSION, 1));
    assertThat(output.take()).containsExactly("to 2: Unwant[topic=a]");
    assertThat(router.owes()).isFalse();
    router.tick(TopicLimits.LEFT_MS);
    assertThat(memory.held).isZero();
  }

  @Test
  void aTailWaitsLongerThanAServiceMayTakeToResume() {
    subscribeAfter(5);
    router.freeze(SESSION);
    router.received(OTHER, new Publish("a", 6, MESSAGE));
    router.save(SESSION);
    router.departed(SESSION);
    for (long ms = 0; ms < 9_000; ms += 100) {
      router.tick(ms);
    }
    router.received(OTHER, new Tail(SESSION, 1));
    assertThat(output.take()).contains("to 2: forward to 100, move 1: a of 2, 6");
  }

  @Test
  void aTailThatNobodyClaimsEndsAfterTenSeconds() {
    subscribeAfter(5);
    router.save(SESSION);
    router.departed(SESSION);
    for (long ms = 0; ms < TopicLimits.CLAIM_MS; ms += 100) {
      router.tick(ms);
      assertThat(router.owes()).isTrue();
    }
    router.tick(TopicLimits.CLAIM_MS);
    assertThat(router.owes()).isFalse();
    assertThat(output.take()).containsExactly("to 2: Unwant[topic=a]");
    router.received(OTHER, new Tail(SESSION, 1));
    assertThat(output.take()).containsExactly("to 2: TailDone[session=100, move=1]");
  }

  @Test
  void aTailKeepsABoundedNumberOfMessagesAndSaysWhatIsMissing() {
    subscribeAfter(0);
    router.save(SESSION);
    router.departed(SESSION);
    int published = TopicLimits.KEPT + 5;
    for (int n = 1; n <= published; n++) {
      router.received(OTHER, new Publish("a", n, MESSAGE));
    }
    router.received(OTHER, new Tail(SESSION, 1));
    assertThat(output.take())
        .hasSize(TopicLimits.KEPT + 2)
        .endsWith("to 2: Passed[session=100, move=1, publisher=2, topic=a, n=1005]", CLAIMED);
  }

  @Test
  void aPublisherThatBeginsAfterTheSaveIsToldToTheNextWorkerWithAllThatFollows() {
    router.introduced(OTHER);
    router.introduced(THIRD);
    router.subscribe(SESSION, "a", null);
    router.received(OTHER, new Has("a", 1, 5));
    assertThat(router.save(SESSION)).asString().doesNotContain("publisher=3");
    router.received(THIRD, new Has("a", 1, 7));
    router.received(THIRD, new Publish("a", 8, MESSAGE));
    router.departed(SESSION);
    output.take();
    router.received(OTHER, new Tail(SESSION, 1));
    assertThat(output.take())
        .containsExactly(
            "to 2: Begun[session=100, move=1, publisher=3, topic=a, n=7]",
            "to 2: forward to 100, move 1: a of 3, 8",
            "to 2: Passed[session=100, move=1, publisher=3, topic=a, n=8]",
            CLAIMED);
  }

  @Test
  void theNextWorkerIsToldWhoHasNotAnsweredYet() {
    router.introduced(OTHER);
    router.introduced(THIRD);
    router.subscribe(SESSION, "a", null);
    router.received(OTHER, new Has("a", 1, 5));
    router.save(SESSION);
    router.departed(SESSION);
    output.take();
    router.received(OTHER, new Tail(SESSION, 1));
    assertThat(output.take()).containsExactly(CLAIMED.replace("[]", "[3]"));
    router.died(THIRD);
    router.reset(OTHER);
    output.take();
    router.received(OTHER, new Tail(SESSION, 1));
    assertThat(output.take())
        .containsExactly("to 2: Ended[session=100, move=1, publisher=3]", CLAIMED);
  }

  @Test
  void aSessionThatComesWaitsForItsFormerWorkerToSayWhomItKnows() {
    router.introduced(OTHER);
    router.resumed(SESSION, after(OTHER, 5));
    router.received(OTHER, new Has("a", 1, 5));
    assertThat(router.catchesUp(SESSION)).isTrue();
    router.received(OTHER, new Claimed(SESSION, 1, List.of()));
    assertThat(router.catchesUp(SESSION)).isFalse();
  }

  @Test
  void aSessionThatComesWaitsForWhatItsFormerWorkerMayGetOfOneThatIsDeadOrUnknownHere() {
    router.introduced(OTHER);
    router.introduced(THIRD);
    router.died(THIRD);
    router.resumed(SESSION, after(OTHER, 5));
    router.received(OTHER, new Has("a", 1, 5));
    router.received(OTHER, new Claimed(SESSION, 1, List.of(THIRD, 4L)));
    output.take();
    router.received(OTHER, new Ended(SESSION, 1, 4));
    assertThat(router.catchesUp(SESSION)).isTrue();
    router.received(OTHER, new Begun(SESSION, 1, THIRD, "a", 8));
    router.received(OTHER, new Forward(SESSION, 1, THIRD, "a", 9, MESSAGE));
    assertThat(output.take()).containsExactly("deliver 100: a of 3, 9");
    router.received(OTHER, new Ended(SESSION, 1, THIRD));
    assertThat(output.take()).containsExactly("to 2: TailDone[session=100, move=1]");
  }

  @Test
  void theNextWorkerIsToldOfAPublisherThatIsDeadThereIfItIsNotHereOrOnceItDies() {
    subscribeAfter(5);
    router.introduced(THIRD);
    router.save(SESSION);
    router.departed(SESSION);
    router.received(OTHER, new Tail(SESSION, 1));
    output.take();
    router.received(OTHER, new Ended(SESSION, 1, 9));
    assertThat(output.take()).containsExactly("to 2: Ended[session=100, move=1, publisher=9]");
    router.received(OTHER, new Ended(SESSION, 1, THIRD));
    assertThat(output.take()).isEmpty();
    router.died(THIRD);
    assertThat(output.take()).containsExactly("to 2: Ended[session=100, move=1, publisher=3]");
  }

  @Test
  void aSessionThatComesHearsThatItsFormerWorkerNeverKnewAPublisherThatDies() {
    resume(5);
    router.introduced(THIRD);
    output.take();
    router.received(OTHER, new Has("a", 1, 5));
    router.died(THIRD);
    assertThat(output.take()).containsExactly("to 2: Ended[session=100, move=1, publisher=3]");
    assertThat(router.catchesUp(SESSION)).isTrue();
    router.reset(OTHER);
    assertThat(output.take())
        .contains(
            "to 2: Tail[session=100, move=1]", "to 2: Ended[session=100, move=1, publisher=3]");
    router.received(OTHER, new Ended(SESSION, 1, THIRD));
    assertThat(output.take()).containsExactly("to 2: TailDone[session=100, move=1]");
    assertThat(router.catchesUp(SESSION)).isFalse();
  }

  @Test
  void aPublisherThatIsNotKnownYetIsNotCalledDead() {
    router.introduced(OTHER);
    router.resumed(SESSION, after(THIRD, 5));
    router.received(OTHER, new Claimed(SESSION, 1, List.of()));
    output.take();
    assertThat(router.catchesUp(SESSION)).isTrue();
    assertThat(router.save(SESSION)).asString().contains("dead=[]", "publisher=3, n=5");
    router.thaw(SESSION);
    router.introduced(THIRD);
    router.received(THIRD, new Has("a", 1, 7));
    assertThat(output.take()).contains("missed 100: a, 2");
  }

  @Test
  void aPublisherThatStaysUnknownIsDead() {
    router.introduced(OTHER);
    router.resumed(SESSION, after(THIRD, 5));
    router.received(OTHER, new Claimed(SESSION, 1, List.of()));
    for (long ms = 0; ms <= TopicLimits.CATCH_UP_MS; ms += 100) {
      router.tick(ms);
    }
    router.handledMissed(SESSION); // of OTHER, which has not said a word
    assertThat(router.save(SESSION)).asString().contains("dead=[3]");
  }

  @Test
  void aSessionThatComesWaitsToHearWhereAPublisherHasBegunForItsFormerWorker() {
    resume(5);
    router.introduced(THIRD);
    output.take();
    router.received(OTHER, new Has("a", 1, 5));
    router.received(THIRD, new Has("a", 1, 10));
    router.received(THIRD, new Publish("a", 11, MESSAGE));
    assertThat(output.take()).isEmpty();
    assertThat(router.catchesUp(SESSION)).isTrue();
    router.received(OTHER, new Begun(SESSION, 1, THIRD, "a", 8));
    router.received(OTHER, new Forward(SESSION, 1, THIRD, "a", 9, MESSAGE));
    assertThat(output.take()).containsExactly("deliver 100: a of 3, 9");
    router.received(OTHER, new Passed(SESSION, 1, THIRD, "a", 10));
    assertThat(output.take())
        .containsExactly(
            "missed 100: a, 1", "deliver 100: a of 3, 11", "to 2: TailDone[session=100, move=1]");
  }

  @Test
  void ifTheFormerWorkerDiesWithoutAWordOfAPublisherSomeMayBeMissing() {
    resume(5);
    router.introduced(THIRD);
    output.take();
    router.received(OTHER, new Has("a", 1, 5));
    router.received(THIRD, new Has("a", 1, 10));
    router.received(THIRD, new Publish("a", 11, MESSAGE));
    assertThat(output.take()).isEmpty();
    router.died(OTHER);
    assertThat(output.take()).containsExactly("missed 100: a, -1", "deliver 100: a of 3, 11");
    assertThat(router.catchesUp(SESSION)).isFalse();
  }

  @Test
  void aTailKeepsABoundedNumberOfBytes() {
    subscribeAfter(0);
    router.save(SESSION);
    router.departed(SESSION);
    long before = memory.held;
    for (int n = 1; n <= 100; n++) {
      router.received(OTHER, new Publish("a", n, new byte[MeshMessage.MAX_MESSAGE_BYTES]));
    }
    assertThat(memory.held - before).isBetween(900_000L, (long) TopicLimits.KEPT_BYTES);
  }

  @Test
  void aSessionThatComesGetsWhatIsForwardedAndThenWhatComesDirectly() {
    resume(5);
    router.received(OTHER, new Forward(SESSION, 1, OTHER, "a", 6, MESSAGE));
    assertThat(output.take()).containsExactly("deliver 100: a of 2, 6");
    router.received(OTHER, new Has("a", 1, 8));
    router.received(OTHER, new Publish("a", 9, MESSAGE));
    assertThat(output.take()).isEmpty();
    router.received(OTHER, new Forward(SESSION, 1, OTHER, "a", 7, MESSAGE));
    router.received(OTHER, new Forward(SESSION, 1, OTHER, "a", 8, MESSAGE));
    assertThat(output.take())
        .containsExactly(
            "deliver 100: a of 2, 7",
            "deliver 100: a of 2, 8",
            "deliver 100: a of 2, 9",
            "to 2: TailDone[session=100, move=1]");
    assertThat(router.catchesUp(SESSION)).isFalse();
    router.received(OTHER, new Forward(SESSION, 1, OTHER, "a", 9, MESSAGE));
    router.received(OTHER, new Publish("a", 10, MESSAGE));
    assertThat(output.take()).containsExactly("deliver 100: a of 2, 10");
  }

  /** A session that comes from OTHER with the topic a, and has got so much of a publisher. */
  private static TopicPositions after(long publisher, long n) {
    List<SubscriptionGraph.Mark> marks =
        List.of(new SubscriptionGraph.Mark(publisher, n), new SubscriptionGraph.Mark(SELF, 0));
    return new TopicPositions(
        OTHER, 1, List.of(), List.of(new TopicPositions.TopicPosition("a", "", false, marks)));
  }

  /** A session comes that has got so much of OTHER, where it was. */
  private void resume(long n) {
    router.introduced(OTHER);
    output.take();
    assertThat(router.resumed(SESSION, after(OTHER, n))).isZero();
    assertThat(output.take())
        .containsExactly("to 2: Want[topic=a, epoch=1]", "to 2: Tail[session=100, move=1]");
    router.received(OTHER, new Claimed(SESSION, 1, List.of()));
    assertThat(output.take()).isEmpty();
  }

  @Test
  void aSessionThatGetsNothingForwardedForFiveSecondsIsToldWhatItMissed() {
    resume(5);
    router.received(OTHER, new Has("a", 1, 8));
    for (long ms = 0; ms < TopicLimits.CATCH_UP_MS; ms += 100) {
      router.tick(ms);
      assertThat(output.take()).isEmpty();
    }
    router.tick(TopicLimits.CATCH_UP_MS);
    assertThat(output.take())
        .containsExactly("to 2: TailDone[session=100, move=1]", "missed 100: a, 3");
    assertThat(router.counters().missedByMove()).isEqualTo(3);
  }

  @Test
  void theTimeInWhichAWorkerWasStoppedDoesNotCount() {
    resume(5);
    router.tick(60_000);
    assertThat(router.catchesUp(SESSION)).isTrue();
    assertThat(output.take()).isEmpty();
  }

  @Test
  void aSessionIsNotSavedBeforeItHasHandledWhatWasDelivered() {
    router.subscribe(SESSION, "a", null);
    router.publish("a", MESSAGE);
    router.freeze(SESSION);
    assertThatThrownBy(() -> router.save(SESSION))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("session 100 is saved before it has handled 1 publications");
    router.handled(SESSION, output.delivered.remove());
    assertThat(router.save(SESSION)).isNotNull();
  }
}
