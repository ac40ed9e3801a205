package io.baton.worker.topics;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.mesh.MeshMessage;
import io.baton.worker.memory.LimitedMemory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What workers of other machines publish to more topics than are gone through at a time. */
class RemotePublicationsTest {
  private static final int TOPICS = TopicLimits.CLEANED_AT_A_TIME + 1_000;
  private static final long WORKER = RemotePublications.number(1L << 40);
  private static final byte[] MESSAGE = {1};

  private final LimitedMemory memory = new LimitedMemory();
  private final List<String> missed = new ArrayList<>();
  private final List<String> delivered = new ArrayList<>();
  private final TopicRouter router = new TopicRouter(1, 2, 3, memory, new Output());
  private long ms;

  private final class Output implements TopicOutput {
    @Override
    public void deliver(long session, Publication publication) {
      delivered.add(publication.topic());
      router.handled(session, publication);
    }

    @Override
    public void missed(long session, String topic, long count) {
      assertThat(count).isEqualTo(UNKNOWN);
      missed.add(topic);
      router.handledMissed(session);
    }

    @Override
    public SessionFacts facts(long session) {
      return new SessionFacts("", false);
    }

    @Override
    public boolean send(long neighbour, MeshMessage message) {
      return true;
    }
  }

  @BeforeEach
  void subscribe() {
    router.cluster();
    router.connected(true);
    for (int i = 0; i < TOPICS; i++) {
      assertThat(router.subscribe(i / TopicLimits.SESSION_TOPICS, "t" + i, ""))
          .isEqualTo(Subscribed.YES);
    }
  }

  private void pass(long more) {
    ms += more;
    router.tick(ms);
  }

  private void publish(long n) {
    for (int i = 0; i < TOPICS; i++) {
      router.remote().published(WORKER, "t" + i, n, MESSAGE);
    }
  }

  @Test
  void afterAnInterruptionEachTopicIsDecidedOnceSomeAtATime() {
    publish(1);
    router.remote().restored();
    for (int i = 0; i < TOPICS; i += 2) {
      router.remote().marked(WORKER, "t" + i, 1, false);
    }
    pass(RemotePublications.REPEAT_MS);
    assertThat(missed).hasSize(TopicLimits.CLEANED_AT_A_TIME / 2);
    router.unsubscribe(0, "t1");
    router.subscribe(0, "later", "");
    router.remote().published(WORKER, "later", 1, MESSAGE);
    pass(100);
    pass(100);
    assertThat(missed).hasSize(TOPICS / 2).doesNotHaveDuplicates().doesNotContain("t0", "later");
  }

  @Test
  void anotherInterruptionMeanwhileConcernsAllTopics() {
    publish(1);
    router.remote().restored();
    pass(RemotePublications.REPEAT_MS);
    assertThat(missed).hasSize(TopicLimits.CLEANED_AT_A_TIME);
    router.remote().restored();
    pass(100);
    assertThat(missed).hasSize(TopicLimits.CLEANED_AT_A_TIME);
    missed.clear();
    publish(2);
    pass(RemotePublications.REPEAT_MS);
    pass(100);
    assertThat(missed).isEmpty();
  }

  @Test
  void aWorkerIsForgottenSomeTopicsAtATimeAndItsMemoryGivenBack() {
    long before = memory.held;
    publish(5);
    assertThat(memory.held - before).isEqualTo((long) TOPICS * RemotePositions.BYTES);
    router.remote().forget(WORKER);
    assertThat(memory.held - before)
        .isEqualTo((TOPICS - TopicLimits.CLEANED_AT_A_TIME) * (long) RemotePositions.BYTES);
    pass(100);
    assertThat(memory.held).isEqualTo(before);
    delivered.clear();
    publish(2); // as if of another process
    assertThat(delivered).hasSize(TOPICS);
  }

  @Test
  void anEndThatComesLateDoesNotBringBackWhatCameBefore() {
    router.remote().published(WORKER, "t1", 5, MESSAGE);
    router.remote().ended(WORKER, "t1", 5);
    long anew = 1L << MeshMessage.RUN_BITS;
    router.remote().published(WORKER, "t1", anew, MESSAGE);
    delivered.clear();
    router.remote().ended(WORKER, "t1", 5);
    router.remote().published(WORKER, "t1", anew, MESSAGE);
    router.remote().published(WORKER, "t1", 5, MESSAGE);
    assertThat(delivered).isEmpty();
    router.remote().published(WORKER, "t1", anew + 1, MESSAGE);
    assertThat(delivered).hasSize(1);
    assertThat(missed).isEmpty();
  }

  @Test
  void theNumberOfADeadNeighbourIsUsedAgainOnceNoTopicKnowsIt() {
    router.introduced(7);
    int number = router.index(7);
    router.died(7);
    router.introduced(8);
    assertThat(router.index(8)).isNotEqualTo(number);
    pass(100);
    router.introduced(9);
    assertThat(router.index(9)).isEqualTo(number);
  }

  @Test
  void manyDeathsLeaveNumbersForNewcomers() {
    for (long worker = 10; worker < 10 + 3 * InterestTable.MAX_NEIGHBOURS; worker++) {
      router.introduced(worker);
      router.died(worker);
    }
    router.introduced(5);
    assertThat(router.index(5)).isPositive();
  }
}
