package io.baton.worker.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.service.SessionKey;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SessionKeysTest {
  private static final byte[] SECRET = {1, 2, 3};

  private final SessionKeys keys = new SessionKeys(200, SECRET);

  @Test
  void aKeyNamesItsSlotAndNoTwoAreTheSame() {
    Set<SessionKey> made = new HashSet<>();
    for (int i = 0; i < 1_000; i++) {
      SessionKey key = keys.make();
      assertThat(key.high() >>> 56).isEqualTo(200);
      assertThat(made.add(key)).isTrue();
    }
  }

  @Test
  void anotherWorkerOfTheServerKnowsItAndAnotherServerDoesNot() {
    SessionKey key = keys.make();
    assertThat(new SessionKeys(7, SECRET).isGenuine(key)).isTrue();
    assertThat(SessionKeys.alone().isGenuine(key)).isFalse();
  }

  @Test
  void aKeyIsKnownByAllSecretsAndMadeWithTheFirst() {
    byte[] former = {9, 9};
    SessionKey old = new SessionKeys(1, former).make();
    SessionKeys both = new SessionKeys(2, List.of(SECRET, former));
    assertThat(both.isGenuine(old)).isTrue();
    assertThat(keys.isGenuine(old)).isFalse();
    assertThat(keys.isGenuine(both.make())).isTrue();
  }

  @Test
  void oneWithAnyBitChangedIsNone() {
    SessionKey key = keys.make();
    for (int bit = 0; bit < Long.SIZE; bit++) {
      assertThat(keys.isGenuine(new SessionKey(key.high() ^ 1L << bit, key.low()))).isFalse();
      assertThat(keys.isGenuine(new SessionKey(key.high(), key.low() ^ 1L << bit))).isFalse();
    }
  }
}
