package io.baton.worker.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.mesh.MeshMessage;
import io.baton.worker.broker.BrokerMessage.End;
import io.baton.worker.broker.BrokerMessage.Mark;
import io.baton.worker.memory.LimitedMemory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PublishedNumbersTest {
  private static final long FIRST = 1L << MeshMessage.RUN_BITS;

  private final List<BrokerMessage> sent = new ArrayList<>();
  private final LimitedMemory memory = new LimitedMemory();
  private final PublishedNumbers numbers = new PublishedNumbers(memory, this::send);
  private boolean away;

  private boolean send(BrokerMessage.OfTopic message) {
    if (!away) {
      sent.add(message);
    }
    return !away;
  }

  @Test
  void eachTopicHasNumbersOfItsOwn() {
    assertThat(numbers.next("a")).isEqualTo(FIRST + 1);
    assertThat(numbers.next("a")).isEqualTo(FIRST + 2);
    assertThat(numbers.next("b")).isEqualTo(FIRST + 1);
  }

  @Test
  void theLastNumberIsToldOnceATopicHasRestedForASecond() {
    numbers.next("a");
    numbers.tick(900);
    numbers.next("a");
    numbers.tick(1_800);
    assertThat(sent).isEmpty();
    numbers.tick(1_900);
    numbers.tick(5_000);
    assertThat(sent).containsExactly(new Mark("a", FIRST + 2, false));
  }

  /** As many topics as are told of in one tick. */
  private void publishToMany() {
    for (int i = 0; i < PublishedNumbers.AT_A_TIME; i++) {
      numbers.next("t" + i);
    }
  }

  @Test
  void aTopicThatEndsBeforeItsNumberIsRepeatedIsNotToldOfAgain() {
    publishToMany();
    numbers.next("a");
    numbers.tick(PublishedNumbers.FORGET_MS - 200);
    numbers.tick(PublishedNumbers.FORGET_MS - 100);
    sent.clear();
    numbers.repeat();
    publishToMany();
    numbers.tick(PublishedNumbers.FORGET_MS);
    numbers.tick(PublishedNumbers.FORGET_MS + 100);
    assertThat(sent)
        .filteredOn(each -> ((BrokerMessage.OfTopic) each).topic().equals("a"))
        .containsExactly(new BrokerMessage.End("a", FIRST + 1));
  }

  @Test
  void whatCouldNotBeToldIsToldLater() {
    away = true;
    numbers.next("a");
    numbers.refused("a");
    numbers.tick(1_000);
    away = false;
    numbers.tick(1_100);
    assertThat(sent).containsExactly(new Mark("a", FIRST + 1, true));
  }

  @Test
  void afterAnOutageAllNumbersAreToldAndWhatWasSaidLatelyIsUnsure() {
    numbers.next("old");
    numbers.tick(2_000);
    numbers.tick(20_000);
    numbers.next("new");
    sent.clear();
    numbers.disconnected();
    numbers.repeat();
    numbers.tick(20_100);
    assertThat(sent)
        .containsExactlyInAnyOrder(
            new Mark("old", FIRST + 1, false), new Mark("new", 3 * FIRST + 1, true));
  }

  @Test
  void aTopicThatRestsForLongIsEndedAndBeginsAnewWithAnotherRun() {
    numbers.next("a");
    numbers.tick(2_000);
    sent.clear();
    numbers.tick(PublishedNumbers.FORGET_MS);
    assertThat(sent).containsExactly(new End("a", FIRST + 1));
    assertThat(numbers.size()).isZero();
    assertThat(memory.held).isZero();
    long again = numbers.next("a");
    assertThat(again).isGreaterThan(FIRST + 1);
    assertThat(MeshMessage.sameRun(again, FIRST)).isFalse();
  }

  @Test
  void ofTooManyTopicsTheOneThatHasRestedLongestIsForgottenIfItHasRestedForTenSeconds() {
    for (int i = 0; i < PublishedNumbers.MAX_TOPICS; i++) {
      numbers.next("topic " + i);
    }
    numbers.next("topic 0");
    assertThat(numbers.next("another")).isEqualTo(PublishedNumbers.NONE);
    numbers.tick(10_000);
    sent.clear();
    assertThat(numbers.next("another")).isPositive();
    assertThat(sent).containsExactly(new End("topic 1", FIRST + 1));
    assertThat(numbers.size()).isEqualTo(PublishedNumbers.MAX_TOPICS);
  }

  @Test
  void withoutMemoryThereIsNoFurtherTopic() {
    numbers.next("a");
    memory.limit = memory.held;
    assertThat(numbers.next("b")).isEqualTo(PublishedNumbers.NONE);
    assertThat(numbers.next("a")).isEqualTo(FIRST + 2);
  }
}
