package io.baton.worker.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.worker.NoLeaks;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
final class KeptOutputTest {
  private static final int MAX = 1_000;

  private final KeptOutput kept = new KeptOutput(MAX);

  private static ByteBuf bytes(int length) {
    return Unpooled.buffer(length).writeZero(length);
  }

  @Test
  void messagesMoveInTheOrderInWhichTheyWereWrittenAndOnlyOnce() {
    List<Object> moved = new ArrayList<>();
    kept.write("a");
    kept.write("b");
    kept.write("c");
    kept.moveTo(moved::add);
    kept.moveTo(moved::add);
    assertThat(moved).containsExactly("a", "b", "c");
    assertThat(kept.pending()).isZero();
  }

  @Test
  void eachMessageIsPendingWithItsBytesAndAnOverhead() {
    kept.write("four");
    assertThat(kept.pending()).isEqualTo(MessageSize.pending("four")).isGreaterThan(4);
    kept.write("four");
    assertThat(kept.pending()).isEqualTo(2L * MessageSize.pending("four"));
    kept.drop();
  }

  @Test
  void aMessageIsTakenUntilMoreThanTheMostIsPending() {
    int size = MAX - MessageSize.pending("");
    assertThat(kept.write("x".repeat(size))).isTrue();
    assertThat(kept.pending()).as("exactly the most").isEqualTo(MAX);
    assertThat(kept.write("")).isTrue();
    assertThat(kept.pending()).isGreaterThan(MAX);
    assertThat(kept.write("")).isFalse();
    assertThat(kept.pending()).isEqualTo(MAX + MessageSize.pending(""));
    kept.drop();
  }

  @Test
  void oneMessageMayBeLongerThanTheMost() {
    assertThat(kept.write("x".repeat(10 * MAX))).isTrue();
    assertThat(kept.write("")).isFalse();
    kept.drop();
  }

  @Test
  void aRefusedMessageStaysTheCallers() {
    kept.write("x".repeat(MAX));
    ByteBuf refused = bytes(1);
    assertThat(kept.write(refused)).isFalse();
    assertThat(refused.refCnt()).isEqualTo(1);
    refused.release();
    kept.drop();
  }

  @Test
  void whatTheNextOutputDoesNotTakeIsReleased() {
    ByteBuf taken = bytes(1);
    ByteBuf refused = bytes(2);
    kept.write(taken);
    kept.write(refused);
    kept.moveTo(taken::equals);
    assertThat(taken.refCnt()).isEqualTo(1);
    assertThat(refused.refCnt()).isZero();
    taken.release();
  }

  @Test
  void aDropReleasesAllMessagesAndMakesRoom() {
    ByteBuf message = bytes(2 * MAX);
    kept.write(message);
    kept.drop();
    assertThat(message.refCnt()).isZero();
    assertThat(kept.pending()).isZero();
    assertThat(kept.write("next")).isTrue();
  }

  @Test
  void itIsWritableHoweverMuchIsPending() {
    kept.write("x".repeat(10 * MAX));
    assertThat(kept.isWritable()).isTrue();
    kept.drop();
  }

  @Test
  void aFlushAndABatchSendNothing() {
    kept.beginBatch();
    kept.write("a");
    kept.flush();
    kept.endBatch();
    assertThat(kept.pending()).isEqualTo(MessageSize.pending("a"));
  }
}
