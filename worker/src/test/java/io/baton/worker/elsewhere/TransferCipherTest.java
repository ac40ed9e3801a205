package io.baton.worker.elsewhere;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class TransferCipherTest {
  private static final byte[] FIRST = "a secret of 16 bytes".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] SECOND = "another one of 16 b.".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] MESSAGE = "a message".getBytes(StandardCharsets.US_ASCII);

  private final TransferCipher one = new TransferCipher("baton", 1, List.of(FIRST));
  private final TransferCipher two = new TransferCipher("baton", 2, List.of(FIRST));

  @Test
  void aMessageIsReadByItsReceiverOnly() {
    byte[] sealed = one.seal(2, MESSAGE);
    assertThat(new String(sealed, StandardCharsets.ISO_8859_1)).doesNotContain("message");
    assertThat(new TransferCipher("baton", 3, List.of(FIRST)).open(1, sealed)).isNull();
    assertThat(two.open(3, sealed)).as("as if from another").isNull();
    assertThat(two.open(1, sealed)).isEqualTo(MESSAGE);
  }

  @Test
  void aMessageToAllIsReadByAll() {
    byte[] sealed = one.seal(TransferCipher.ALL, MESSAGE);
    assertThat(two.open(1, sealed)).isEqualTo(MESSAGE);
    assertThat(new TransferCipher("baton", 3, List.of(FIRST)).open(1, sealed)).isEqualTo(MESSAGE);
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
  void aMessageIsNotReadAgainWhenThousandsOfOtherWorkersHaveSpoken() {
    byte[] sealed = one.seal(2, MESSAGE);
    assertThat(two.open(1, sealed)).isEqualTo(MESSAGE);
    for (int worker = 10; worker < 4_096; worker++) {
      assertThat(two.open(worker, sealed)).isNull();
    }
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
    TransferCipher changed = new TransferCipher("baton", 1, List.of(SECOND, FIRST));
    TransferCipher knowsBoth = new TransferCipher("baton", 2, List.of(FIRST, SECOND));
    assertThat(knowsBoth.open(1, changed.seal(2, MESSAGE))).isEqualTo(MESSAGE);
    assertThat(two.open(1, changed.seal(2, MESSAGE))).as("without the new one").isNull();
    assertThat(changed.open(2, two.seal(1, MESSAGE))).isEqualTo(MESSAGE);
  }

  @Test
  void anotherClusterIsNotUnderstood() {
    TransferCipher other = new TransferCipher("other", 1, List.of(FIRST));
    assertThat(two.open(1, other.seal(2, MESSAGE))).isNull();
  }
}
