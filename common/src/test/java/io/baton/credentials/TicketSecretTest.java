package io.baton.credentials;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class TicketSecretTest {
  private static final long NOW = 1_800_000_000_000L;
  private static final long EPOCH = TimeUnit.HOURS.toMillis(12);
  private static final byte[] PURPOSE = {1, 2, 3};

  private final TicketSecret secret = TicketSecret.random(NOW);

  private static List<String> keys(TicketSecret of) {
    return of.keys(PURPOSE).stream().map(HexFormat.of()::formatHex).toList();
  }

  @Test
  void whoIsSentItHasTheSameKeys() {
    assertThat(keys(TicketSecret.decode(secret.encode()))).isEqualTo(keys(secret));
    assertThat(keys(secret)).doesNotHaveDuplicates().hasSize(3);
    assertThat(secret.keys(PURPOSE)).allMatch(key -> key.length == TicketSecret.KEY_BYTES);
  }

  @Test
  void eachEpochHasANewKeyAndTwoBeforeItAreStillGood() {
    List<String> before = keys(secret);
    long number = secret.advance(NOW);
    assertThat(keys(secret)).isEqualTo(before);
    assertThat(secret.advance(NOW + EPOCH)).isEqualTo(number + 1);
    List<String> after = keys(secret);
    assertThat(after.subList(1, 3)).isEqualTo(before.subList(0, 2));
    assertThat(before).doesNotContain(after.getFirst());
  }

  @Test
  void whoLearnsItLaterHasTheSameKeys() {
    TicketSecret early = TicketSecret.decode(secret.encode());
    for (int i = 1; i <= 5; i++) {
      secret.advance(NOW + i * EPOCH);
    }
    TicketSecret late = TicketSecret.decode(secret.encode());
    early.advance(NOW + 5 * EPOCH);
    assertThat(keys(early)).isEqualTo(keys(secret));
    assertThat(keys(late)).isEqualTo(keys(secret));
  }

  @Test
  void aClockThatIsSetBackChangesNothing() {
    secret.advance(NOW + EPOCH);
    List<String> before = keys(secret);
    secret.advance(NOW - 10 * EPOCH);
    assertThat(keys(secret)).isEqualTo(before);
  }

  @Test
  void anotherPurposeOrAnotherSecretHasOtherKeysAndNamesOfThem() {
    List<String> ours = names(secret.keys(PURPOSE));
    assertThat(names(secret.keys(new byte[] {1, 2, 4}))).doesNotContainAnyElementsOf(ours);
    assertThat(names(TicketSecret.random(NOW).keys(PURPOSE))).doesNotContainAnyElementsOf(ours);
  }

  private static List<String> names(List<byte[]> keys) {
    return keys.stream().map(key -> HexFormat.of().formatHex(key, 0, 16)).toList();
  }

  @Test
  void whatIsSomethingElseIsRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> TicketSecret.decode(new byte[39]));
    assertThatIllegalArgumentException().isThrownBy(() -> TicketSecret.decode(new byte[41]));
  }

  @Test
  void itIsNotPrinted() {
    String hex = HexFormat.of().formatHex(secret.encode(), Long.BYTES, TicketSecret.BYTES);
    assertThat(secret.toString()).doesNotContain(hex.substring(0, 8));
  }
}
