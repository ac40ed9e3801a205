package io.baton.link.core;

/**
 * The receiving end of a channel: what has come is held until it is taken.
 *
 * <pre>
 *   acknowledged    taken       got
 *        | with user  |  held    |
 * </pre>
 */
abstract class Inbound {
  final int channel;
  final Limits limits;
  final ByteRing held;

  private long acknowledged;

  /** The last acknowledgement that the peer was told. */
  private long said;

  Inbound(int channel, Limits limits, ByteRing held, long acknowledged, long said) {
    this.channel = channel;
    this.limits = limits;
    this.held = held;
    this.acknowledged = acknowledged;
    this.said = said;
  }

  /** Returns the offset up to which bytes have come. */
  long got() {
    return held.end();
  }

  /** Returns the offset up to which bytes were given to the user. */
  long taken() {
    return held.start();
  }

  long acknowledged() {
    return acknowledged;
  }

  /** Returns the offset up to which the peer may send. */
  long windowEnd() {
    return said + limits.window();
  }

  /** Moves the acknowledgement on; returns by how much. */
  long acknowledge(long offset) {
    long more = Math.max(0, offset - acknowledged);
    acknowledged += more;
    return more;
  }

  boolean isUnsaid() {
    return said < acknowledged;
  }

  /** Tells whether a GRANT should go out without waiting for more. */
  boolean isDue() {
    return acknowledged - said >= limits.window() / 4;
  }

  long say() {
    said = acknowledged;
    return said;
  }

  /** Returns the offset of the last {@link #say}. */
  long said() {
    return said;
  }
}
