package io.baton.link.core;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/**
 * Unsigned LEB128 numbers of up to 63 bits, at most nine bytes: seven bits a byte, the lowest
 * first, the top bit set in all bytes but the last. The shortest form is the only one allowed.
 */
final class Varint {
  static final int MAX_BYTES = 9;

  private Varint() {}

  /** Returns the number of bytes of a value. */
  static int size(long value) {
    return value == 0 ? 1 : (70 - Long.numberOfLeadingZeros(value)) / 7;
  }

  static void write(ByteBuffer to, long value) {
    long rest = value;
    while (rest >= 0x80) {
      to.put((byte) (rest | 0x80));
      rest >>>= 7;
    }
    to.put((byte) rest);
  }

  /**
   * Reads a number.
   *
   * @throws BufferUnderflowException if it goes on behind the end of the buffer
   */
  static long read(ByteBuffer from) throws LinkProtocolException {
    long value = 0;
    for (int shift = 0; shift < 63; shift += 7) {
      byte b = from.get();
      value |= (long) (b & 0x7F) << shift;
      if (b >= 0) {
        if (b == 0 && shift > 0) {
          throw new LinkProtocolException("a number is not in its shortest form");
        }
        return value;
      }
    }
    throw new LinkProtocolException("a number has more than 63 bits");
  }

  /** Reads a number that lies whole in the buffer. */
  static long read(ByteBuffer from, String what) throws LinkProtocolException {
    try {
      return read(from);
    } catch (BufferUnderflowException e) {
      throw new LinkProtocolException(what + " is cut off");
    }
  }

  /** Reads a number that is at most {@code max}, and lies whole in the buffer. */
  static int read(ByteBuffer from, int max, String what) throws LinkProtocolException {
    long value = read(from, what);
    if (value > max) {
      throw new LinkProtocolException("%s is %d; at most %d".formatted(what, value, max));
    }
    return (int) value;
  }
}
