package io.baton.link.core;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** A growing array of bytes in the terms of the protocol. */
final class ByteSink {
  private byte[] bytes = new byte[64];
  private int size;

  private ByteBuffer room(int n) {
    if (bytes.length - size < n) {
      bytes = Arrays.copyOf(bytes, Math.max(size + n, Math.multiplyExact(bytes.length, 2)));
    }
    ByteBuffer room = ByteBuffer.wrap(bytes, size, n);
    size += n;
    return room;
  }

  ByteSink u8(int value) {
    room(1).put((byte) value);
    return this;
  }

  ByteSink u16(int value) {
    room(2).putShort((short) value);
    return this;
  }

  ByteSink u32(long value) {
    room(4).putInt((int) value);
    return this;
  }

  ByteSink flag(boolean value) {
    return u8(value ? 1 : 0);
  }

  ByteSink varint(long value) {
    if (value < 0) {
      throw new IllegalArgumentException("negative: " + value);
    }
    Varint.write(room(Varint.size(value)), value);
    return this;
  }

  ByteSink raw(byte[] value) {
    room(value.length).put(value);
    return this;
  }

  ByteSink raw(ByteBuffer value) {
    room(value.remaining()).put(value.duplicate());
    return this;
  }

  /** A varint with the length, and the bytes. */
  ByteSink block(byte[] value) {
    return varint(value.length).raw(value);
  }

  /** A block of UTF-8. */
  ByteSink text(String value) {
    return block(value.getBytes(UTF_8));
  }

  /** A block of UTF-8; of a longer text its beginning, cut between characters. */
  ByteSink text(String value, int max) {
    byte[] utf8 = value.getBytes(UTF_8);
    int length = Math.min(utf8.length, max);
    while (length < utf8.length && (utf8[length] & 0xC0) == 0x80) {
      length--;
    }
    return block(Arrays.copyOf(utf8, length));
  }

  int size() {
    return size;
  }

  byte[] toBytes() {
    return Arrays.copyOf(bytes, size);
  }

  byte[] toFrame(FrameType type) {
    return Frame.of(type, toBytes());
  }
}
