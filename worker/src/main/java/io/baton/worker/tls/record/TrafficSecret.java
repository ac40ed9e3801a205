package io.baton.worker.tls.record;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/**
 * The secret of one direction, of which the keys of its records are derived, and the next secret
 * when the keys are updated (RFC 8446, 7.2 and 7.3). Whoever has it can read all that follows: it
 * is never printed, and {@linkplain #wipe wiped} when it is over.
 */
final class TrafficSecret {
  private static final byte[] PREFIX = "tls13 ".getBytes(StandardCharsets.US_ASCII);

  final Suite suite;
  private final byte[] secret;

  /**
   * @param secret becomes this object's
   */
  TrafficSecret(Suite suite, byte[] secret) {
    if (secret.length != suite.secretBytes) {
      throw new IllegalArgumentException(
          "a secret of %d bytes for %s".formatted(secret.length, suite));
    }
    this.suite = suite;
    this.secret = secret;
  }

  /** That after a KeyUpdate. */
  TrafficSecret next() {
    return new TrafficSecret(suite, expand(mac(), "traffic upd", suite.secretBytes));
  }

  /** What records are protected with. */
  static final class Keys {
    final SecretKey key;
    final byte[] iv;

    private Keys(SecretKey key, byte[] iv) {
      this.key = key;
      this.iv = iv;
    }
  }

  Keys keys() {
    Mac mac = mac();
    byte[] key = expand(mac, "key", suite.keyBytes);
    try {
      return new Keys(new SecretKeySpec(key, suite.algorithm), expand(mac, "iv", Protection.NONCE));
    } finally {
      Arrays.fill(key, (byte) 0);
    }
  }

  private Mac mac() {
    Mac mac = Algorithms.mac(suite.derivation);
    try {
      mac.init(new SecretKeySpec(secret, suite.derivation));
    } catch (InvalidKeyException e) {
      throw new IllegalStateException(suite.derivation + " takes no key of its own length", e);
    }
    return mac;
  }

  /** HKDF-Expand-Label with an empty context (RFC 8446, 7.1; RFC 5869, 2.3). */
  private static byte[] expand(Mac mac, String label, int length) {
    byte[] text = label.getBytes(StandardCharsets.US_ASCII);
    byte[] info =
        ByteBuffer.allocate(Short.BYTES + 1 + PREFIX.length + text.length + 2)
            .putShort((short) length)
            .put((byte) (PREFIX.length + text.length))
            .put(PREFIX)
            .put(text)
            .put((byte) 0)
            .put((byte) 1) // the first block, which is long enough for all that is needed
            .array();
    return Arrays.copyOf(mac.doFinal(info), length);
  }

  /** A copy, for another process. */
  byte[] bytes() {
    return secret.clone();
  }

  void wipe() {
    Arrays.fill(secret, (byte) 0);
  }

  @Override
  public String toString() {
    return "a secret of " + suite;
  }
}
