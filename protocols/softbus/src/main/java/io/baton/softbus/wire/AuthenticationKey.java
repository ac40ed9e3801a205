package io.baton.softbus.wire;

/**
 * A key that two devices have agreed on before, under which the first packets of their sessions are
 * sealed. How they agree is not part of this protocol.
 *
 * @param index the number by which both call it, 0 to 4,294,967,295
 */
public record AuthenticationKey(long index, GcmKey key) {
  /** The highest index. */
  public static final long MAX_INDEX = 0xFFFF_FFFFL;

  /**
   * @throws IllegalArgumentException if the index is out of range
   */
  public AuthenticationKey {
    if (index < 0 || index > MAX_INDEX) {
      throw new IllegalArgumentException(
          "authentication key %d; allowed: indexes from 0 to %d".formatted(index, MAX_INDEX));
    }
  }

  @Override
  public String toString() {
    return "authentication key " + index;
  }
}
