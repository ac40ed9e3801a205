package io.baton.worker.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.mesh.MeshMessage;
import io.baton.mesh.MeshMessage.Answer;
import io.baton.mesh.MeshMessage.Ask;
import io.baton.mesh.MeshMessage.Ended;
import io.baton.mesh.MeshMessage.Forward;
import io.baton.mesh.MeshMessage.Gap;
import io.baton.mesh.MeshMessage.Has;
import io.baton.mesh.MeshMessage.Members;
import io.baton.mesh.MeshMessage.Offers;
import io.baton.mesh.MeshMessage.Passed;
import io.baton.mesh.MeshMessage.Publish;
import io.baton.mesh.MeshMessage.Synced;
import io.baton.mesh.MeshMessage.Tail;
import io.baton.mesh.MeshMessage.TailDone;
import io.baton.mesh.MeshMessage.Unwant;
import io.baton.mesh.MeshMessage.Verdict;
import io.baton.mesh.MeshMessage.Want;
import io.baton.mesh.MeshMessage.Who;
import io.baton.mesh.MeshMessage.Withdraw;
import io.baton.mesh.MeshMessage.Withdrawn;
import io.baton.testing.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MeshOutboxTest {
  private static final long LIMIT = 1_000;

  private final MeshOutbox outbox = new MeshOutbox();

  private void addAll(MeshMessage... messages) {
    for (MeshMessage each : messages) {
      assertThat(outbox.add(each, LIMIT)).as("%s", each).isTrue();
    }
  }

  private static Publish publication(long n, int bytes) {
    return new Publish("t", n, new byte[bytes]);
  }

  @Test
  void messagesGoOutInTheirOrder() {
    MeshMessage publication = publication(1, 10);
    addAll(new Want("t", 1), publication, new Synced());
    assertThat(outbox.messages()).containsExactly(new Want("t", 1), publication, new Synced());
    outbox.sent(2);
    assertThat(outbox.messages()).containsExactly(new Synced());
    outbox.sent(1);
    assertThat(outbox.isEmpty()).isTrue();
    assertThat(outbox.bytes()).isZero();
  }

  @Test
  void aLaterControlMessageOnTheSameTopicTakesThePlaceOfAnEarlierOneAtTheEnd() {
    addAll(new Want("t", 1), new Has("t", 1, 1), new Gap("t", 1), new Want("u", 1));
    addAll(new Unwant("t"), new Has("t", 2, 2), new Gap("t", 2));
    assertThat(outbox.messages())
        .containsExactly(new Want("u", 1), new Unwant("t"), new Has("t", 2, 2), new Gap("t", 2));
    addAll(new Want("t", 3));
    assertThat(outbox.messages())
        .containsExactly(new Want("u", 1), new Has("t", 2, 2), new Gap("t", 2), new Want("t", 3));
  }

  @Test
  void otherMessagesOnTheSameTopicAllStay() {
    List<MeshMessage> all =
        List.of(
            new Synced(),
            new Synced(),
            new Tail(1, 1),
            new Tail(1, 1),
            new Passed(1, 1, 1, "t", 1),
            new Passed(1, 1, 2, "t", 1),
            new Passed(1, 2, 1, "t", 1),
            new Passed(2, 1, 1, "t", 1),
            new Passed(1, 1, 1, "u", 1),
            new Ended(1, 1, 1),
            new Ended(1, 1, 1),
            new TailDone(1, 1),
            new TailDone(1, 1),
            new Withdraw(),
            new Withdrawn());
    addAll(all.toArray(MeshMessage[]::new));
    assertThat(outbox.messages()).containsExactlyElementsOf(all);
  }

  @Test
  void laterOffersTakeThePlaceOfEarlierOnesAtTheEnd() {
    addAll(new Offers(1, 1, false, 0, List.of("a")), new Withdrawn());
    addAll(new Offers(2, 1, true, 2, List.of("a", "b")));
    assertThat(outbox.messages())
        .containsExactly(new Withdrawn(), new Offers(2, 1, true, 2, List.of("a", "b")));
  }

  @Test
  void questionsAndAnswersBeyondTheLimitAreRefused() {
    addAll(new Ask(1, "t", null, 1, new byte[600]));
    assertThat(outbox.add(new Ask(2, "t", null, 1, new byte[600]), LIMIT)).isFalse();
    assertThat(outbox.add(new Answer(1, Verdict.ANSWERED, 1, new byte[600]), LIMIT)).isFalse();
    addAll(new Offers(1, 1, false, 0, List.of("t".repeat(1_000))), new Withdraw());
    outbox.sent(3);
    assertThat(outbox.bytes()).isZero();
    assertThat(outbox.controlBytes()).isZero();
  }

  @Test
  void whatHasPassedIsReplacedByWhatPassesLaterUnlessAForwardIsInBetween() {
    MeshMessage forward = new Forward(1, 1, 1, "t", 3, new byte[1]);
    addAll(new Passed(1, 1, 1, "t", 1), new Passed(1, 1, 1, "t", 2), forward);
    addAll(new Passed(1, 1, 1, "t", 4), new Passed(1, 1, 1, "t", 5));
    assertThat(outbox.messages())
        .containsExactly(new Passed(1, 1, 1, "t", 2), forward, new Passed(1, 1, 1, "t", 5));
  }

  @Test
  void publicationsBeyondTheLimitAreRefusedAndControlIsNot() {
    MeshMessage first = publication(1, 600);
    addAll(first);
    assertThat(outbox.add(publication(2, 600), LIMIT)).isFalse();
    assertThat(outbox.add(new Forward(1, 1, 1, "t", 1, new byte[600]), LIMIT)).isFalse();
    addAll(new Gap("t", 2));
    assertThat(outbox.messages()).containsExactly(first, new Gap("t", 2));
    assertThat(outbox.bytes()).isLessThanOrEqualTo(LIMIT);
  }

  @Test
  void questionsForMembersAndAnswersBeyondTheLimitAreRefused() {
    for (int i = 0; i < 3; i++) {
      addAll(new Who(i, "t"), new Members(i, true, 0, List.of()));
    }
    addAll(new Gap("t", 2));
    assertThat(outbox.add(new Who(3, "t"), LIMIT)).isFalse();
    assertThat(outbox.add(new Members(3, true, 0, List.of()), LIMIT)).isFalse();
    assertThat(outbox.bytes()).isBetween(LIMIT, LIMIT + MeshOutbox.OVERHEAD);
    outbox.sent(7);
    assertThat(outbox.bytes()).isZero();
  }

  @Test
  void onePublicationFindsRoomHoweverLongItIsAndHoweverMuchControlWaits() {
    for (int i = 0; i < 100; i++) {
      addAll(new Want("t" + i, 1));
    }
    assertThat(outbox.bytes()).isGreaterThan(LIMIT);
    addAll(publication(1, MeshMessage.MAX_MESSAGE_BYTES));
    assertThat(outbox.add(publication(2, 1), LIMIT)).isFalse();
    outbox.sent(101);
    addAll(publication(2, 1));
  }

  @Test
  void controlOnTheSameTopicsTakesTheSameRoomHoweverOftenItIsSaid() {
    for (int i = 0; i < 1_000; i++) {
      addAll(new Want("t", i), new Unwant("t"), new Has("u", i, i), new Gap("u", i));
    }
    assertThat(outbox.bytes()).isEqualTo(outbox.controlBytes()).isLessThan(1_000);
  }

  @Test
  void bytesAreThoseOfWhatWaits() {
    for (long seed : Seeds.many(MeshOutboxTest.class, 10_000, 200).toArray()) {
      Random random = new Random(seed);
      for (int i = 0; i < 200; i++) {
        int dice = random.nextInt(6);
        String topic = "t" + random.nextInt(3);
        MeshMessage message =
            switch (dice) {
              case 0 -> new Want(topic, i);
              case 1 -> new Unwant(topic);
              case 2 -> new Has(topic, i, i);
              case 3 -> new Gap(topic, i);
              default -> new Publish(topic, i, new byte[random.nextInt(300)]);
            };
        boolean added = outbox.add(message, LIMIT);
        assertThat(added || message instanceof Publish).as("seed %d", seed).isTrue();
        List<MeshMessage> waiting = new ArrayList<>();
        outbox.messages().forEach(waiting::add);
        if (random.nextInt(8) == 0) {
          outbox.sent(random.nextInt(waiting.size() + 1));
        }
        assertThat(outbox.isEmpty()).as("seed %d", seed).isEqualTo(outbox.bytes() == 0);
        assertThat(outbox.bytes()).as("seed %d", seed).isLessThan(LIMIT + 12 * 300);
      }
      List<MeshMessage> waiting = new ArrayList<>();
      outbox.messages().forEach(waiting::add);
      outbox.sent(waiting.size());
      assertThat(outbox.bytes()).as("seed %d", seed).isZero();
      assertThat(outbox.controlBytes()).as("seed %d", seed).isZero();
    }
  }
}
