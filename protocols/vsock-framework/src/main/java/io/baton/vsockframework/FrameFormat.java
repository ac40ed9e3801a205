package io.baton.vsockframework;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.OptionalInt;

/**
 * The bytes of messages, little-endian: {@code i32 type | i32 length | SMALL bytes}. A body of up
 * to SMALL bytes is in there, followed by zeros; a longer one follows whole, behind SMALL zeros.
 *
 * @param small SMALL, a multiple of 4
 * @param maxMessage the most bytes of a body
 * @param clockType the type by which a client asks for the server's clock
 */
record FrameFormat(int small, int maxMessage, OptionalInt clockType) {
  /** Type and length. */
  static final int HEAD = 2 * Integer.BYTES;

  /** The bytes of a question for the clock, and of its answer: two times. */
  static final int CLOCK_BYTES = 2 * Long.BYTES;

  /** Returns the type of the message at this index, whose head is there. */
  static int type(ByteBuf in, int at) {
    return in.getIntLE(at);
  }

  /** Returns the length of its body, as it says. */
  static int bodyLength(ByteBuf in, int at) {
    return in.getIntLE(at + Integer.BYTES);
  }

  boolean isClock(int type) {
    return clockType.isPresent() && clockType.getAsInt() == type;
  }

  /** Returns whether a message may have this type and length. */
  boolean isAllowed(int type, int length) {
    return isClock(type) ? length == CLOCK_BYTES : length >= 0 && length <= maxMessage;
  }

  /** Returns the length in bytes of a message with an allowed body, head and zeros included. */
  int frameLength(int bodyLength) {
    return HEAD + small + (bodyLength <= small ? 0 : bodyLength);
  }

  /** Returns where the body begins, from the message's first byte. */
  int bodyOffset(int bodyLength) {
    return bodyLength <= small ? HEAD : HEAD + small;
  }

  /**
   * Returns the bytes of a message.
   *
   * @param body is read
   */
  ByteBuf frame(int type, ByteBuf body) {
    int length = body.readableBytes();
    ByteBuf frame = Unpooled.buffer(frameLength(length), frameLength(length));
    frame.writeIntLE(type).writeIntLE(length);
    if (length <= small) {
      frame.writeBytes(body).writeZero(small - length);
    } else {
      frame.writeZero(small).writeBytes(body);
    }
    return frame;
  }

  /** Returns the bytes of a question or an answer of the clock. */
  ByteBuf clock(long received, long sent) {
    ByteBuf body = Unpooled.buffer(CLOCK_BYTES).writeLongLE(received).writeLongLE(sent);
    return frame(clockType.getAsInt(), body);
  }
}
