package io.baton.credentials;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.crypto.KDF;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * What the keys of session tickets are derived from, so that every worker has the same. Time is
 * divided into epochs of twelve hours, each with a secret of its own, derived from the one before:
 * whoever has it can tell those that follow, but none that are over. The secrets of three epochs
 * are in use, so a ticket is good for between 24 and 36 hours.
 *
 * <pre>
 *   i64 number of the oldest epoch in use, little endian; its secret
 * </pre>
 *
 * <p>Not thread safe.
 */
public final class TicketSecret {
  /** Length of a key: 16 bytes each for its name, HMAC and AES. */
  public static final int KEY_BYTES = 48;

  private static final int SECRET_BYTES = 32;

  /** Length of the encoded form. */
  public static final int BYTES = Long.BYTES + SECRET_BYTES;

  private static final long EPOCH_MS = TimeUnit.HOURS.toMillis(12);

  /** Epochs before the present one whose tickets are good. */
  private static final int FORMER = 2;

  private long oldest;
  private byte[] secret;

  private TicketSecret(long oldest, byte[] secret) {
    this.oldest = oldest;
    this.secret = secret;
  }

  /**
   * Makes one that nobody else has.
   *
   * @param nowMs time of the day, since 1970
   */
  public static TicketSecret random(long nowMs) {
    byte[] secret = new byte[SECRET_BYTES];
    new SecureRandom().nextBytes(secret);
    return new TicketSecret(oldestAt(nowMs), secret);
  }

  private static long oldestAt(long nowMs) {
    return Math.floorDiv(nowMs, EPOCH_MS) - FORMER;
  }

  /**
   * Reads what {@link #encode} has written.
   *
   * @throws IllegalArgumentException if it is something else
   */
  public static TicketSecret decode(byte[] encoded) {
    if (encoded.length != BYTES) {
      throw new IllegalArgumentException("a ticket secret of %d bytes".formatted(encoded.length));
    }
    ByteBuffer from = ByteBuffer.wrap(encoded).order(ByteOrder.LITTLE_ENDIAN);
    long oldest = from.getLong();
    byte[] secret = new byte[SECRET_BYTES];
    from.get(secret);
    return new TicketSecret(oldest, secret);
  }

  /** Returns the form in which a worker is sent it. */
  public byte[] encode() {
    return ByteBuffer.allocate(BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(oldest)
        .put(secret)
        .array();
  }

  /**
   * Forgets what is over. A clock that was set back changes nothing.
   *
   * @param nowMs time of the day, since 1970
   * @return number of the oldest epoch in use: as long as it is the same, so are the keys
   */
  public long advance(long nowMs) {
    for (long due = oldestAt(nowMs); oldest < due; oldest++) {
      byte[] over = secret;
      secret = next(over);
      Arrays.fill(over, (byte) 0);
    }
    return oldest;
  }

  /**
   * Returns the keys in use.
   *
   * @param purpose others have other keys
   * @return each of {@value #KEY_BYTES} bytes, the one for new tickets first; they are the caller's
   */
  public List<byte[]> keys(byte[] purpose) {
    List<byte[]> keys = new ArrayList<>();
    byte[] each = secret.clone();
    for (int i = 0; i <= FORMER; i++) {
      keys.addFirst(derive(each, "key", purpose, KEY_BYTES));
      byte[] done = each;
      each = next(done);
      Arrays.fill(done, (byte) 0);
    }
    Arrays.fill(each, (byte) 0);
    return keys;
  }

  private static byte[] next(byte[] secret) {
    return derive(secret, "next", new byte[0], SECRET_BYTES);
  }

  /** HKDF-Expand (RFC 5869, 2.3) with SHA-256. */
  private static byte[] derive(byte[] secret, String label, byte[] purpose, int length) {
    byte[] text = label.getBytes(StandardCharsets.US_ASCII);
    byte[] info = Arrays.copyOf(text, text.length + 1 + purpose.length);
    System.arraycopy(purpose, 0, info, text.length + 1, purpose.length);
    try {
      return KDF.getInstance("HKDF-SHA256")
          .deriveData(
              HKDFParameterSpec.expandOnly(new SecretKeySpec(secret, "Generic"), info, length));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK lacks HKDF with SHA-256", e);
    }
  }

  /** Says nothing of what it is. */
  @Override
  public String toString() {
    return "the secret of tickets from epoch " + oldest + " on";
  }
}
