package io.baton.spice;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.Cipher;

/**
 * The key under which clients send their ticket, the password: RSA of 1,024 bits, as the protocol
 * has it, with OAEP of SHA-1 and MGF1. It protects from reading along only; a listener with TLS
 * does so better.
 *
 * <p>One key serves a worker for as long as it runs. A connection stays in its worker until its
 * ticket is checked, and looks for its session behind that, so the key never has to move.
 */
final class TicketKey {
  /** Bytes of the public key, a SubjectPublicKeyInfo. */
  static final int PUBLIC_BYTES = 162;

  /** Bytes of an encrypted ticket. */
  static final int TICKET_BYTES = 128;

  private static final int BITS = 1024;

  private final KeyPair pair;
  private final byte[] encoded;

  /** Makes a key, which takes some ten milliseconds. */
  TicketKey() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(BITS);
      pair = generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK makes no RSA keys of 1,024 bits", e);
    }
    encoded = pair.getPublic().getEncoded();
    if (encoded.length != PUBLIC_BYTES) {
      throw new IllegalStateException("a public key of " + encoded.length + " bytes");
    }
  }

  /** Returns the public key as the client reads it. */
  byte[] encoded() {
    return encoded.clone();
  }

  /**
   * Returns whether the client knows the password.
   *
   * @param password empty if none is asked for: whatever the ticket is, is right
   */
  boolean opens(byte[] ticket, Optional<String> password) {
    if (password.isEmpty()) {
      return true;
    }
    try {
      Cipher cipher = Cipher.getInstance("RSA/ECB/OAEPWithSHA-1AndMGF1Padding");
      cipher.init(Cipher.DECRYPT_MODE, pair.getPrivate());
      byte[] said = cipher.doFinal(ticket);
      int end = 0;
      while (end < said.length && said[end] != 0) {
        end++;
      }
      return MessageDigest.isEqual(
          Arrays.copyOf(said, end), password.get().getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException _) {
      return false; // it was not encrypted under this key
    }
  }
}
