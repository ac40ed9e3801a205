package io.baton.link.core;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The bytes of a handshake in both directions, hashed, and the proofs over them.
 *
 * <p>{@code key = HMAC(token, "BTLK1 key" || secret)} and {@code proof = HMAC(key, label ||
 * SHA-256(all bytes so far))}, HMAC being HMAC-SHA256. Without a token 32 zero bytes stand for it;
 * the secret of a session that is not there yet is empty.
 */
final class Transcript {
  static final int PROOF_BYTES = 32;
  static final byte[] NO_TOKEN = new byte[32];
  static final byte[] NO_SECRET = {};

  private static final String HMAC = "HmacSHA256";

  /** The maker of a proof, whose label goes into it. */
  enum Prover {
    CLIENT("BTLK1 client"),
    SERVER("BTLK1 server"),
    REFUSAL("BTLK1 refused");

    private final String label;

    Prover(String label) {
      this.label = label;
    }
  }

  private final MessageDigest sum;

  Transcript() {
    try {
      sum = MessageDigest.getInstance("SHA-256");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  void add(byte[] bytes, int from, int length) {
    sum.update(bytes, from, length);
  }

  /** Adds what remains in the buffer. */
  void add(ByteBuffer bytes) {
    sum.update(bytes.duplicate());
  }

  void add(byte[] bytes) {
    sum.update(bytes);
  }

  /** Makes the proof of what has been said so far. */
  byte[] proof(Prover prover, byte[] key) {
    return hmac(key, prover.label.getBytes(US_ASCII), hash());
  }

  /** Tells, in a time that does not depend on the bytes, whether a proof fits. */
  boolean proves(Prover prover, byte[] key, byte[] proof) {
    return MessageDigest.isEqual(proof(prover, key), proof);
  }

  static byte[] key(byte[] token, byte[] secret) {
    return hmac(token.length == 0 ? NO_TOKEN : token, "BTLK1 key".getBytes(US_ASCII), secret);
  }

  private byte[] hash() {
    try {
      return ((MessageDigest) sum.clone()).digest();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("SHA-256 of the JDK can be cloned", e);
    }
  }

  private static byte[] hmac(byte[] key, byte[] first, byte[] second) {
    try {
      Mac mac = Mac.getInstance(HMAC);
      mac.init(new SecretKeySpec(key, HMAC));
      mac.update(first);
      return mac.doFinal(second);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has " + HMAC, e);
    }
  }
}
