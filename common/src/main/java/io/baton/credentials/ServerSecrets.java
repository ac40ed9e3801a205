package io.baton.credentials;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The secrets that all workers of a server share.
 *
 * <pre>
 *   a TicketSecret, then the secret of session keys
 * </pre>
 *
 * <p>Not thread safe.
 */
public final class ServerSecrets {
  private static final int SESSION_KEYS_BYTES = 32;

  /** Length of the encoded form. */
  public static final int BYTES = TicketSecret.BYTES + SESSION_KEYS_BYTES;

  private final TicketSecret tickets;
  private final byte[] sessionKeys;

  private ServerSecrets(TicketSecret tickets, byte[] sessionKeys) {
    this.tickets = tickets;
    this.sessionKeys = sessionKeys;
  }

  /** Makes those of a server, with a fresh secret of tickets. */
  public static ServerSecrets of(InstanceSecret instance, long nowMs) {
    return new ServerSecrets(
        TicketSecret.random(nowMs), instance.derive("session keys", SESSION_KEYS_BYTES));
  }

  /**
   * Reads what {@link #encode} has written.
   *
   * @throws IllegalArgumentException if it is something else
   */
  public static ServerSecrets decode(byte[] encoded) {
    if (encoded.length != BYTES) {
      throw new IllegalArgumentException("secrets of %d bytes".formatted(encoded.length));
    }
    byte[] first = Arrays.copyOf(encoded, TicketSecret.BYTES);
    try {
      return new ServerSecrets(
          TicketSecret.decode(first), Arrays.copyOfRange(encoded, TicketSecret.BYTES, BYTES));
    } finally {
      Arrays.fill(first, (byte) 0);
    }
  }

  /** Returns the form in which a worker is sent them; it is the caller's to wipe. */
  public byte[] encode() {
    byte[] first = tickets.encode();
    try {
      return ByteBuffer.allocate(BYTES).put(first).put(sessionKeys).array();
    } finally {
      Arrays.fill(first, (byte) 0);
    }
  }

  /** What session tickets are sealed with. */
  public TicketSecret tickets() {
    return tickets;
  }

  /** What session keys are made with; a copy. */
  public byte[] sessionKeys() {
    return sessionKeys.clone();
  }

  /** Says nothing of what they are. */
  @Override
  public String toString() {
    return "secrets with " + tickets;
  }
}
