package io.baton.worker.elsewhere;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class TransferCipherTest {
  private static final byte[] FIRST = "a secret of 16 bytes".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] SECOND = "another one of 16 b.".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] MESSAGE = "a message".getBytes(StandardCharsets.US_ASCII);

  private long ms = 1_000_000_000_000L;
  private final TransferCipher one = cipher("baton", 1, List.of(FIRST));
  private final TransferCipher two = cipher("baton", 2, List.of(FIRST));

  private TransferCipher cipher(String cluster, long worker, List<byte[]> secrets) {
    return new TransferCipher(cluster, worker, secrets, () -> ms);
  }

  @Test
  void aMessageIsReadByItsReceiverOnly() {
    byte[] sealed = one.seal(2, MESSAGE);
    assertThat(new String(sealed, StandardCharsets.ISO_8859_1)).doesNotContain("message");
    assertThat(cipher("baton", 3, List.of(FIRST)).open(1, sealed)).isNull();
    assertThat(two.open(3, sealed)).as("as if from another").isNull();
    assertThat(two.open(1, sealed)).isEqualTo(MESSAGE);
  }

  @Test
  void aMessageToAllIsReadByAll() {
    byte[] sealed = one.seal(TransferCipher.ALL, MESSAGE);
    assertThat(two.open(1, sealed)).isEqualTo(MESSAGE);
    assertThat(cipher("baton", 3, List.of(FIRST)).open(1, sealed)).isEqualTo(MESSAGE);
  }

  @Test
  void aMessageThatIsRepeatedOrLateIsNotReadAgain() {
    byte[] former = one.seal(2, MESSAGE);
    byte[] sealed = one.seal(2, MESSAGE);
    assertThat(two.open(1, sealed)).isEqualTo(MESSAGE);
    assertThat(two.open(1, sealed)).isNull();
    assertThat(two.open(1, former)).isNull();
  }

  @Test
  void aMessageIsNotReadAgainWhenSomebodyPretendsToBeThousandsOfWorkers() {
    byte[] sealed = one.seal(2, MESSAGE);
    assertThat(two.open(1, sealed)).isEqualTo(MESSAGE);
    for (int worker = 10; worker < 10 + TransferCipher.MAX_SENDERS; worker++) {
      assertThat(two.open(worker, sealed)).isNull();
    }
    assertThat(two.open(1, sealed)).isNull();
  }

  @Test
  void aMessageIsNotReadAgainWhenThousandsOfOtherWorkersHaveSpoken() {
    byte[] toTwo = one.seal(2, MESSAGE);
    byte[] toAll = one.seal(TransferCipher.ALL, MESSAGE);
    byte[] never = one.seal(2, MESSAGE);
    byte[] late = cipher("baton", 9, List.of(FIRST)).seal(2, MESSAGE);
    assertThat(two.open(1, toTwo)).isEqualTo(MESSAGE);
    assertThat(two.open(1, toAll)).isEqualTo(MESSAGE);
    ms++;
    for (int worker = 10; worker < 10 + TransferCipher.MAX_SENDERS; worker++) {
      byte[] sealed = cipher("baton", worker, List.of(FIRST)).seal(2, MESSAGE);
      assertThat(two.open(worker, sealed)).as("%d", worker).isEqualTo(MESSAGE);
    }
    assertThat(two.open(1, toTwo)).isNull();
    assertThat(two.open(1, toAll)).isNull();
    assertThat(two.open(1, never)).as("never read, and just as old").isEqualTo(MESSAGE);
    assertThat(two.open(9, late)).as("of one that was never heard").isNull();
    assertThat(two.open(1, one.seal(2, MESSAGE))).isEqualTo(MESSAGE);
  }

  @Test
  void aClockThatGoesBackMakesNoMessageAnOldOne() {
    assertThat(two.open(1, one.seal(2, MESSAGE))).isEqualTo(MESSAGE);
    ms -= 60_000;
    byte[] sealed = one.seal(2, MESSAGE);
    assertThat(two.open(1, sealed)).isEqualTo(MESSAGE);
    assertThat(two.open(1, sealed)).isNull();
  }

  @Test
  void whatIsSaidToAllDoesNotMakeAMessageToOneLate() {
    byte[] toTwo = one.seal(2, MESSAGE);
    byte[] toAll = one.seal(TransferCipher.ALL, MESSAGE);
    assertThat(two.open(1, toAll)).isEqualTo(MESSAGE);
    assertThat(two.open(1, toTwo)).isEqualTo(MESSAGE);
  }

  @Test
  void aChangedMessageIsNotRead() {
    for (int i = 0; i < one.seal(2, MESSAGE).length; i++) {
      byte[] sealed = one.seal(2, MESSAGE);
      sealed[i] ^= 1;
      assertThat(two.open(1, sealed)).as("byte %d", i).isNull();
    }
    assertThat(two.open(1, new byte[3])).isNull();
  }

  @Test
  void bothSecretsAreReadWhileTheyAreChanged() {
    TransferCipher changed = cipher("baton", 1, List.of(SECOND, FIRST));
    TransferCipher knowsBoth = cipher("baton", 2, List.of(FIRST, SECOND));
    assertThat(knowsBoth.open(1, changed.seal(2, MESSAGE))).isEqualTo(MESSAGE);
    assertThat(two.open(1, changed.seal(2, MESSAGE))).as("without the new one").isNull();
    assertThat(changed.open(2, two.seal(1, MESSAGE))).isEqualTo(MESSAGE);
  }

  @Test
  void anotherClusterIsNotUnderstood() {
    TransferCipher other = cipher("other", 1, List.of(FIRST));
    assertThat(two.open(1, other.seal(2, MESSAGE))).isNull();
  }
}
