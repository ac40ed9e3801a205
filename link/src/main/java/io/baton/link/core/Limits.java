package io.baton.link.core;

/**
 * What one side of a session receives and keeps, in bytes. The first three are told to the peer and
 * fixed for the session's life.
 *
 * @param window what the peer may have sent on one channel beyond what this side has consumed
 * @param maxMessage the longest message that this side takes, with its head
 * @param credit what the peer may have sent on all channels together beyond what this side has
 *     consumed
 * @param maxQueued what this side keeps for the peer at most, over all channels
 */
public record Limits(int window, int maxMessage, int credit, int maxQueued) {
  static final int MIN_WINDOW = 256;

  /** At most: length, kind and type set of a message, and the number of an ask. */
  private static final int MESSAGE_HEAD_BYTES = 8 + Varint.MAX_BYTES;

  static final int MAX_CREDIT = 1 << 30;

  /** 256 KiB of window, messages of up to 1 MiB, 1 MiB of credit, 4 MiB queued. */
  public static final Limits DEFAULT = new Limits(1 << 18, 1 << 20, 1 << 20, 1 << 22);

  /**
   * Checks the limits.
   *
   * @throws IllegalArgumentException naming the limit and what is allowed
   */
  public Limits {
    check("credit", credit, MIN_WINDOW, MAX_CREDIT);
    check("window", window, MIN_WINDOW, credit);
    check("max-message", maxMessage, MIN_WINDOW, credit);
    check("max-queued", maxQueued, MIN_WINDOW, Integer.MAX_VALUE);
  }

  private static void check(String name, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          "%s is %d bytes; allowed are %d to %d".formatted(name, value, least, most));
    }
  }

  /** Returns the length of the longest payload in a message of any kind. */
  int maxPayload() {
    return maxMessage - MESSAGE_HEAD_BYTES;
  }

  void write(ByteSink to) {
    to.varint(window).varint(maxMessage).varint(credit);
  }

  /** Reads what {@link #write} wrote; the peer's maxQueued is not known and not limited. */
  static Limits read(ByteSource from) throws LinkProtocolException {
    int window = from.varint(MAX_CREDIT, "window");
    int maxMessage = from.varint(MAX_CREDIT, "max-message");
    int credit = from.varint(MAX_CREDIT, "credit");
    try {
      return new Limits(window, maxMessage, credit, Integer.MAX_VALUE);
    } catch (IllegalArgumentException e) {
      throw new LinkProtocolException(String.valueOf(e.getMessage()));
    }
  }

  /** Tells whether the three limits that the peer knows are the same. */
  boolean isSameFor(Limits other) {
    return window == other.window && maxMessage == other.maxMessage && credit == other.credit;
  }
}
