package io.baton.worker.topics;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.mesh.MeshMessage;
import io.baton.mesh.MeshMessage.Has;
import io.baton.mesh.MeshMessage.Publish;
import io.baton.mesh.MeshMessage.Want;
import io.baton.worker.memory.LimitedMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** As many subscriptions as a worker may have, of as many sessions as that takes. */
class MillionSubscriptionsTest {
  private static final long SELF = 1;
  private static final long OTHER = 2;
  private static final int TOPICS = TopicLimits.SESSION_TOPICS;
  private static final int SESSIONS = TopicLimits.SUBSCRIPTIONS / TOPICS;

  /** Each session has half of its topics in common with the one before, and half with the next. */
  private static final int APART = TOPICS / 2;

  private static final int PUBLISHED = 5_000;
  private static final byte[] MESSAGE = {1};

  /** Who got a publication, and to whom it was sent. */
  private static final class Reached implements TopicOutput {
    private final List<Long> sessions = new ArrayList<>();
    private final List<Long> neighbours = new ArrayList<>();
    private final List<Publication> publications = new ArrayList<>();

    @Override
    public void deliver(long session, Publication publication) {
      sessions.add(session);
      publications.add(publication);
    }

    @Override
    public void missed(long session, String topic, long count) {
      throw new AssertionError("session %d has missed %d of %s".formatted(session, count, topic));
    }

    @Override
    public SessionFacts facts(long session) {
      return new SessionFacts("", false);
    }

    @Override
    public boolean send(long neighbour, MeshMessage message) {
      if (message instanceof Publish) {
        neighbours.add(neighbour);
      }
      return true;
    }

    private void clear() {
      sessions.clear();
      neighbours.clear();
      publications.clear();
    }
  }

  private final LimitedMemory memory = new LimitedMemory();
  private final Reached reached = new Reached();
  private final TopicRouter router = new TopicRouter(SELF, 3, 4, memory, reached);

  private static String topic(int number) {
    return "room/" + number;
  }

  private void subscribeAll() {
    for (int session = 0; session < SESSIONS; session++) {
      for (int i = 0; i < TOPICS; i++) {
        if (router.subscribe(session, topic(session * APART + i), "") != Subscribed.YES) {
          throw new AssertionError("session %d, topic %d".formatted(session, i));
        }
      }
    }
  }

  /** Publishes to some of the topics, by this worker or another one, and sees who gets it. */
  private void assertThatEachReachesTheRightOnes() {
    Random random = new Random(1);
    long[] numbers = new long[(SESSIONS + 1) * APART];
    for (int i = 0; i < PUBLISHED; i++) {
      int topic = random.nextInt((SESSIONS + 1) * APART);
      boolean byOther = random.nextBoolean();
      reached.clear();
      if (byOther) {
        router.received(OTHER, new Publish(topic(topic), ++numbers[topic], MESSAGE));
      } else {
        assertThat(router.publish(topic(topic), MESSAGE)).isTrue();
      }
      List<Long> right = new ArrayList<>();
      for (long session : new long[] {topic / APART - 1L, topic / APART}) {
        if (session >= 0 && session < SESSIONS) {
          right.add(session);
        }
      }
      assertThat(reached.sessions).as(topic(topic)).containsExactlyInAnyOrderElementsOf(right);
      assertThat(reached.neighbours)
          .isEqualTo(!byOther && topic % 2 == 0 ? List.of(OTHER) : List.of());
      for (int each = 0; each < reached.sessions.size(); each++) {
        router.handled(reached.sessions.get(each), reached.publications.get(each));
      }
    }
  }

  @Test
  void theyAreBookedGetExactlyWhatIsTheirsAndGiveTheirMemoryBack() {
    subscribeAll();
    assertThat(router.subscriptions()).isEqualTo(TopicLimits.SUBSCRIPTIONS);
    assertThat(router.subscribe(SESSIONS, "one more", "")).isSameAs(Subscribed.TOO_MANY_OF_WORKER);
    assertThat(memory.held / TopicLimits.SUBSCRIPTIONS).isBetween(300L, 400L);

    router.introduced(OTHER);
    for (int topic = 0; topic < (SESSIONS + 1) * APART; topic++) {
      router.received(OTHER, new Has(topic(topic), topicEpoch(topic), 0));
      if (topic % 2 == 0) {
        router.received(OTHER, new Want(topic(topic), 1));
      }
    }
    assertThatEachReachesTheRightOnes();

    for (int session = 0; session < SESSIONS; session++) {
      router.closed(session);
    }
    router.died(OTHER);
    assertThat(router.subscriptions()).isZero();
    assertThat(memory.held).isLessThan(48L * (SESSIONS + 1) * APART);
    router.tick(TopicLimits.NUMBERS_MS);
    router.tick(2 * TopicLimits.NUMBERS_MS);
    router.tick(3 * TopicLimits.NUMBERS_MS);
    assertThat(router.topics()).isZero();
    assertThat(memory.held).as("what is booked at the end").isZero();
  }

  /** A topic's epoch is its place in the order in which they were subscribed first. */
  private static int topicEpoch(int topic) {
    return topic + 1;
  }
}
