package io.baton.worker.codec.websocket;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * What is in front of a frame's payload (RFC 6455, 5.2).
 *
 * <pre>
 *   FIN RSV1 RSV2 RSV3 opcode(4) | MASK length(7) | 16 or 64 bits of length | masking key
 * </pre>
 *
 * @param rsv three bits
 * @param bytes how long the header itself is
 * @param length of the payload; negative if its highest bit is set, which is not allowed
 * @param minimal whether the length is written in as few bytes as it can be
 * @param mask the masking key; 0, which changes nothing, if there is none
 */
record FrameHeader(
    boolean fin,
    int rsv,
    int opcode,
    boolean masked,
    int bytes,
    long length,
    boolean minimal,
    int mask) {
  static final int CONTINUATION = 0x0;
  static final int TEXT = 0x1;
  static final int BINARY = 0x2;
  static final int CLOSE = 0x8;
  static final int PING = 0x9;
  static final int PONG = 0xA;

  static final int FIN = 0x80;
  static final int RSV1 = 0x40;
  static final int MASK = 0x80;

  /** Of the first bit pattern of {@link #rsv}: the message is packed. */
  static final int PACKED = 0b100;

  static final int MAX_CONTROL = 125;
  private static final int LENGTH_16 = 126;
  private static final int LENGTH_64 = 127;

  /** Looks without reading. Null if the header is not whole yet. */
  static @Nullable FrameHeader peek(ByteBuf in) {
    int at = in.readerIndex();
    int there = in.readableBytes();
    if (there < 2) {
      return null;
    }
    int first = in.getUnsignedByte(at);
    int second = in.getUnsignedByte(at + 1);
    boolean masked = (second & MASK) != 0;
    int length = second & 0x7F;
    int more = length == LENGTH_16 ? Short.BYTES : length == LENGTH_64 ? Long.BYTES : 0;
    int bytes = 2 + more + (masked ? Integer.BYTES : 0);
    if (there < bytes) {
      return null;
    }
    long payload =
        switch (more) {
          case Short.BYTES -> in.getUnsignedShort(at + 2);
          case Long.BYTES -> in.getLong(at + 2);
          default -> length;
        };
    return new FrameHeader(
        (first & FIN) != 0,
        first >> 4 & 0b111,
        first & 0xF,
        masked,
        bytes,
        payload,
        more == lengthBytes(payload),
        masked ? in.getInt(at + 2 + more) : 0);
  }

  /** Behind the second byte. */
  private static int lengthBytes(long length) {
    if (length >= 0 && length <= MAX_CONTROL) {
      return 0;
    }
    return length >= 0 && length <= 0xFFFF ? Short.BYTES : Long.BYTES;
  }

  boolean control() {
    return opcode >= CLOSE;
  }

  /** Of the frame, header and payload. */
  long size() {
    return bytes + length;
  }

  /** Reads the frame and returns its payload, a slice unmasked in place (RFC 6455, 5.3). */
  ByteBuf read(ByteBuf in) {
    ByteBuf payload = in.skipBytes(bytes).readSlice((int) length);
    unmask(payload, mask);
    return payload;
  }

  /**
   * Unmasks bytes in place.
   *
   * @param mask of which the highest byte is for the first one
   */
  static void unmask(ByteBuf payload, int mask) {
    if (mask == 0) {
      return;
    }
    int end = payload.writerIndex();
    int at = payload.readerIndex();
    for (; at + Integer.BYTES <= end; at += Integer.BYTES) {
      payload.setInt(at, payload.getInt(at) ^ mask);
    }
    for (int shift = 24; at < end; at++, shift -= 8) {
      payload.setByte(at, payload.getByte(at) ^ mask >>> shift);
    }
  }

  /**
   * Writes the header of a server's frame, which has no mask.
   *
   * @param first its first byte
   */
  static void write(ByteBuf out, int first, int length) {
    out.writeByte(first);
    writeLength(out, 0, length);
  }

  /** Writes the header of a client's frame whose mask changes nothing. */
  static void writeMasked(ByteBuf out, int first, int length) {
    writeMasked(out, first, length, 0);
  }

  /** Writes the header of a client's frame with this masking key. */
  static void writeMasked(ByteBuf out, int first, int length, int mask) {
    out.writeByte(first);
    writeLength(out, MASK, length);
    out.writeInt(mask);
  }

  /** What {@link #write} writes at most. */
  static final int MAX_WRITTEN = 2 + Long.BYTES;

  private static void writeLength(ByteBuf out, int mask, int length) {
    if (length <= MAX_CONTROL) {
      out.writeByte(mask | length);
    } else if (length <= 0xFFFF) {
      out.writeByte(mask | LENGTH_16).writeShort(length);
    } else {
      out.writeByte(mask | LENGTH_64).writeLong(length);
    }
  }
}
