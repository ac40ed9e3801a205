package io.baton.softbus.wire;

import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * An AES key that seals texts with GCM: {@code iv 12 | ciphertext | tag 16}, without additional
 * data. Its printed form shows the length only.
 *
 * <p><b>Threading.</b> Immutable; may be used by any thread.
 */
public final class GcmKey {
  /** Bytes of the initialisation vector, which a sealed text begins with. */
  public static final int IV_BYTES = 12;

  /** Bytes of the tag, which a sealed text ends with. */
  public static final int TAG_BYTES = 16;

  /** Bytes by which a sealed text is longer than the plain one. */
  public static final int OVERHEAD = IV_BYTES + TAG_BYTES;

  /** Bytes of a key under which first packets are sealed. */
  public static final int AUTHENTICATION_KEY_BYTES = 16;

  /** Bytes of a key under which a session's frames are sealed. */
  public static final int SESSION_KEY_BYTES = 32;

  private final SecretKey key;
  private final int length;

  private GcmKey(byte[] bytes) {
    this.key = new SecretKeySpec(bytes, "AES");
    this.length = bytes.length;
  }

  /**
   * Makes the key of a session from its {@value #SESSION_KEY_BYTES} bytes.
   *
   * @throws IllegalArgumentException if there are more or fewer
   */
  public static GcmKey ofSession(byte[] bytes) {
    return checked(bytes, SESSION_KEY_BYTES, "a session key");
  }

  /**
   * Makes an authentication key from its {@value #AUTHENTICATION_KEY_BYTES} bytes.
   *
   * @throws IllegalArgumentException if there are more or fewer
   */
  public static GcmKey ofAuthentication(byte[] bytes) {
    return checked(bytes, AUTHENTICATION_KEY_BYTES, "an authentication key");
  }

  /** Makes the key of a new session. */
  public static GcmKey random(SecureRandom random) {
    byte[] bytes = new byte[SESSION_KEY_BYTES];
    random.nextBytes(bytes);
    return new GcmKey(bytes);
  }

  private static GcmKey checked(byte[] bytes, int length, String what) {
    if (bytes.length != length) {
      throw new IllegalArgumentException(
          "%s has %d bytes, this one has %d".formatted(what, length, bytes.length));
    }
    return new GcmKey(bytes);
  }

  /** Returns the key's bytes, for whoever saves or sends it. */
  public byte[] bytes() {
    return key.getEncoded();
  }

  /**
   * Seals a text.
   *
   * @param iv {@value #IV_BYTES} bytes that no other text under this key is sealed with
   * @param to where the sealed text goes, {@link #OVERHEAD} bytes longer than the plain one
   * @param at where it begins
   */
  void seal(byte[] iv, byte[] plain, byte[] to, int at) {
    try {
      System.arraycopy(iv, 0, to, at, IV_BYTES);
      int _ = ready(Cipher.ENCRYPT_MODE, iv, 0).doFinal(plain, 0, plain.length, to, at + IV_BYTES);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("AES-GCM of this JDK cannot encrypt", e);
    }
  }

  /**
   * Opens a sealed text.
   *
   * @return the plain text; null if it was not sealed under this key, or has been changed since
   */
  byte @Nullable [] open(byte[] sealed) {
    if (sealed.length < OVERHEAD) {
      return null;
    }
    try {
      return ready(Cipher.DECRYPT_MODE, sealed, 0)
          .doFinal(sealed, IV_BYTES, sealed.length - IV_BYTES);
    } catch (AEADBadTagException e) {
      return null;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("AES-GCM of this JDK cannot decrypt", e);
    }
  }

  private Cipher ready(int mode, byte[] iv, int at) throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, key, new GCMParameterSpec(TAG_BYTES * 8, iv, at, IV_BYTES));
    return cipher;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof GcmKey its && key.equals(its.key);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes());
  }

  @Override
  public String toString() {
    return "an AES key of " + length * 8 + " bits";
  }
}
