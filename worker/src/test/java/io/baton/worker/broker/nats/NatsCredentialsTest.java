package io.baton.worker.broker.nats;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.EdECPrivateKey;
import org.junit.jupiter.api.Test;

class NatsCredentialsTest {
  private static final String FILE =
      """
      -----BEGIN NATS USER JWT-----
      eyJ0eXAi.e30.c2ln
      ------END NATS USER JWT------

      ************************* IMPORTANT *************************
      NKEY Seed printed below can be used to sign and prove identity.

      -----BEGIN USER NKEY SEED-----
      %s
      ------END USER NKEY SEED------
      """;

  /** As nsc writes it: two bytes that say what it is, the seed, two bytes of a checksum. */
  private static String base32(byte[] seed) {
    StringBuilder bits = new StringBuilder();
    byte[] all = new byte[seed.length + 4];
    System.arraycopy(seed, 0, all, 2, seed.length);
    for (byte each : all) {
      bits.append(Integer.toBinaryString(0x100 | (each & 0xff)).substring(1));
    }
    StringBuilder text = new StringBuilder();
    while (bits.length() % 5 != 0) {
      bits.append('0');
    }
    for (int i = 0; i < bits.length(); i += 5) {
      text.append(
          "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".charAt(Integer.parseInt(bits.substring(i, i + 5), 2)));
    }
    return text.toString();
  }

  @Test
  void aNonceIsSignedWithTheKeyOfTheSeed() throws Exception {
    KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    byte[] seed = ((EdECPrivateKey) pair.getPrivate()).getBytes().orElseThrow();
    byte[] file = FILE.formatted(base32(seed)).getBytes(UTF_8);
    assertThat(NatsCredentials.isOne(file)).isTrue();
    NatsCredentials credentials = NatsCredentials.read(file);
    assertThat(credentials.getJWT()).containsExactly("eyJ0eXAi.e30.c2ln".toCharArray());
    byte[] nonce = "a nonce".getBytes(UTF_8);
    Signature check = Signature.getInstance("Ed25519");
    check.initVerify(pair.getPublic());
    check.update(nonce);
    assertThat(check.verify(credentials.sign(nonce))).isTrue();
  }

  @Test
  void aPasswordOrTokenIsNoneOfThese() {
    assertThat(NatsCredentials.isOne("user:password\n".getBytes(UTF_8))).isFalse();
  }

  @Test
  void aBrokenSeedIsRefusedAndNotRepeated() {
    for (String seed : new String[] {"SUAB", "not-base-32"}) {
      assertThatThrownBy(() -> NatsCredentials.read(FILE.formatted(seed).getBytes(UTF_8)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("cluster.credentials has a seed that is ")
          .hasMessageNotContaining(seed);
    }
  }
}
