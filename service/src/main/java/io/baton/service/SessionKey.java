package io.baton.service;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.Optional;

/**
 * The name under which a session is found by further connections of its client, in whichever worker
 * it is by then. The server makes it: who guesses one, or changes a bit of one, finds nothing; but
 * for a {@linkplain #isShort short one}, which may be guessed. It is no secret that shows who may
 * go on with the session; protocols have one of their own for that.
 */
public record SessionKey(long high, long low) {
  private static final int BYTES = 2 * Long.BYTES;

  /**
   * Reads what {@link #toString} has written.
   *
   * @return empty if it is something else
   */
  public static Optional<SessionKey> parse(String text) {
    try {
      ByteBuffer bytes = ByteBuffer.wrap(Base64.getUrlDecoder().decode(text));
      SessionKey key = new SessionKey(bytes.getLong(), bytes.getLong());
      return key.toString().equals(text) ? Optional.of(key) : Optional.empty();
    } catch (IllegalArgumentException | BufferUnderflowException notAKey) {
      return Optional.empty();
    }
  }

  /**
   * Returns a key of 32 bits, for protocols in which a client says no more than that.
   *
   * @param id not 0
   */
  public static SessionKey ofShort(int id) {
    if (id == 0) {
      throw new IllegalArgumentException("a short key of 0");
    }
    return new SessionKey((long) id << Integer.SIZE, 0);
  }

  /** Returns whether it is one of 32 bits. */
  public boolean isShort() {
    return low == 0 && (int) high == 0 && high != 0;
  }

  /**
   * Returns the 32 bits of a short one.
   *
   * @throws IllegalStateException if it is longer
   */
  public int shortId() {
    if (!isShort()) {
      throw new IllegalStateException("not a short key");
    }
    return (int) (high >>> Integer.SIZE);
  }

  /** Returns it in 22 letters, digits, {@code -} and {@code _} (RFC 4648, 5). */
  @Override
  public String toString() {
    byte[] bytes = ByteBuffer.allocate(BYTES).putLong(high).putLong(low).array();
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
