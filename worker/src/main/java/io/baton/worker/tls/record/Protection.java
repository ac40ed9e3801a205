package io.baton.worker.tls.record;

import java.security.GeneralSecurityException;
import java.security.spec.AlgorithmParameterSpec;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;

/**
 * The protection of the records of one direction: each has a number of its own, of which its nonce
 * is made (RFC 8446, 5.3). No number is ever used twice: it counts up, and after {@link #give}
 * there is no next one here.
 */
final class Protection {
  static final int NONCE = 12;
  static final int TAG = 16;

  private static final int TAG_BITS = 8 * TAG;

  /** Under one key; it could be more (RFC 8446, 5.5), but by then nobody remembers the key. */
  static final long MAX_RECORDS = 1L << 24;

  private final Cipher cipher;
  private final int mode;
  private TrafficSecret secret;
  private TrafficSecret.Keys keys;
  private long number;
  private boolean given;

  private Protection(int mode, TrafficSecret secret, long number) {
    this.mode = mode;
    this.secret = secret;
    this.number = number;
    this.cipher = Algorithms.cipher(secret.suite.cipher);
    this.keys = secret.keys();
  }

  /**
   * @param number of the next record
   */
  static Protection sealing(TrafficSecret secret, long number) {
    return new Protection(Cipher.ENCRYPT_MODE, secret, number);
  }

  /**
   * @param number of the next record
   */
  static Protection opening(TrafficSecret secret, long number) {
    return new Protection(Cipher.DECRYPT_MODE, secret, number);
  }

  /** So many records have been protected with this key. */
  long number() {
    return number;
  }

  TrafficSecret secret() {
    return secret;
  }

  /**
   * Protects or opens the next record.
   *
   * @param header of the record, which is authenticated
   * @param length of what is in {@code from}
   * @param to has room for it, and for a tag more if it is protected
   * @return whether it is genuine; always, if it is protected
   */
  boolean apply(byte[] header, byte[] from, int length, byte[] to) {
    if (given) {
      throw new IllegalStateException("another process has the next number");
    }
    try {
      cipher.init(mode, keys.key, nonce());
      number++; // before anything of it can be seen
      cipher.updateAAD(header);
      cipher.doFinal(from, 0, length, to, 0);
      return true;
    } catch (AEADBadTagException _) {
      return false;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the cipher fails", e);
    }
  }

  private AlgorithmParameterSpec nonce() {
    byte[] nonce = keys.iv.clone();
    for (int i = 0; i < Long.BYTES; i++) {
      nonce[NONCE - 1 - i] ^= (byte) (number >>> (8 * i));
    }
    return secret.suite == Suite.CHACHA20_POLY1305_SHA256
        ? new IvParameterSpec(nonce)
        : new GCMParameterSpec(TAG_BITS, nonce);
  }

  /** The next record has another key. */
  void update() {
    TrafficSecret former = secret;
    secret = former.next();
    former.wipe();
    keys = secret.keys();
    number = 0;
  }

  /** Another process may go on with the next number, so that this one must not. */
  void give() {
    given = true;
  }

  /** Nobody else has it. */
  void takeBack() {
    given = false;
  }

  /** Nothing is protected any more. */
  void wipe() {
    given = true;
    secret.wipe();
  }
}
