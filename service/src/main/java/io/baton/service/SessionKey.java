package io.baton.service;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.Optional;

/**
 * The name under which a session is found again by the connections of its client, in whichever
 * worker it is by then. The server makes it: who guesses one, or changes a bit of one, finds
 * nothing. It is no secret that shows who may go on with the session; protocols have one of their
 * own for that.
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

  /** Returns it in 22 letters, digits, {@code -} and {@code _} (RFC 4648, 5). */
  @Override
  public String toString() {
    byte[] bytes = ByteBuffer.allocate(BYTES).putLong(high).putLong(low).array();
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
