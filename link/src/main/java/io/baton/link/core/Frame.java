package io.baton.link.core;

import java.nio.ByteBuffer;

/** The layout of a frame: {@code u24 length, u8 type, body}; the length is the body's. */
final class Frame {
  static final int HEAD_BYTES = 4;
  static final int MAX_BODY_BYTES = 65_535;

  /** More than a small frame has, so that none is begun without room for it. */
  static final int MIN_ROOM = 64;

  private Frame() {}

  static boolean hasRoom(ByteBuffer to) {
    return to.remaining() >= MIN_ROOM;
  }

  /** Writes the head of a frame. */
  static void head(ByteBuffer to, FrameType type, int length) {
    to.putInt(length << 8 | type.number());
  }

  /** Returns the length in a head, checked. */
  static int length(int head) throws LinkProtocolException {
    int length = head >>> 8;
    if (length > MAX_BODY_BYTES) {
      throw new LinkProtocolException(
          "a frame announces %d bytes; the longest has %d".formatted(length, MAX_BODY_BYTES));
    }
    return length;
  }

  /** Returns the type in a head, checked. */
  static FrameType type(int head) throws LinkProtocolException {
    FrameType type = FrameType.of(head & 0xFF);
    if (type == null) {
      throw new LinkProtocolException("unknown frame type " + (head & 0xFF));
    }
    return type;
  }

  /** Makes a whole frame. */
  static byte[] of(FrameType type, byte[] body) {
    if (body.length > MAX_BODY_BYTES) {
      throw new IllegalArgumentException(type + " of " + body.length + " bytes");
    }
    ByteBuffer frame = ByteBuffer.allocate(HEAD_BYTES + body.length);
    head(frame, type, body.length);
    return frame.put(body).array();
  }
}
