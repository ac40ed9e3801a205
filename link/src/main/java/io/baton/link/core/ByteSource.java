package io.baton.link.core;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** A frame's body, or saved bytes, read in the terms of the protocol and checked. */
final class ByteSource {
  private final String what;
  private final ByteBuffer from;

  /**
   * Reads all that remains in the buffer.
   *
   * @param what its name in error texts
   */
  ByteSource(String what, ByteBuffer from) {
    this.what = what;
    this.from = from;
  }

  int u8() throws LinkProtocolException {
    return need(1).get() & 0xFF;
  }

  int u16() throws LinkProtocolException {
    return need(2).getShort() & 0xFFFF;
  }

  long u32() throws LinkProtocolException {
    return need(4).getInt() & 0xFFFF_FFFFL;
  }

  long i64() throws LinkProtocolException {
    return need(8).getLong();
  }

  boolean flag() throws LinkProtocolException {
    int value = u8();
    if (value > 1) {
      throw new LinkProtocolException(what + ": a flag is 0 or 1, not " + value);
    }
    return value == 1;
  }

  long varint() throws LinkProtocolException {
    try {
      return Varint.read(from);
    } catch (BufferUnderflowException e) {
      throw cut();
    }
  }

  /** Reads a number that is at most {@code max}. */
  int varint(int max, String name) throws LinkProtocolException {
    long value = varint();
    if (value > max) {
      throw new LinkProtocolException("%s: %s is %d; at most %d".formatted(what, name, value, max));
    }
    return (int) value;
  }

  byte[] raw(int length) throws LinkProtocolException {
    need(length);
    byte[] bytes = new byte[length];
    from.get(bytes);
    return bytes;
  }

  byte[] block(int max, String name) throws LinkProtocolException {
    return raw(varint(max, "the length of " + name));
  }

  String text(int max, String name) throws LinkProtocolException {
    return utf8(block(max, name), what + ": " + name);
  }

  static String utf8(byte[] bytes, String what) throws LinkProtocolException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new LinkProtocolException(what + " is not UTF-8");
    }
  }

  /** Refuses what was read if it contradicts itself. */
  void check(boolean fits, String problem) throws LinkProtocolException {
    if (!fits) {
      throw new LinkProtocolException(what + ": " + problem);
    }
  }

  ByteBuffer rest() {
    return from;
  }

  void end() throws LinkProtocolException {
    if (from.hasRemaining()) {
      throw new LinkProtocolException("%s has %d bytes too many".formatted(what, from.remaining()));
    }
  }

  private ByteBuffer need(int n) throws LinkProtocolException {
    if (from.remaining() < n) {
      throw cut();
    }
    return from;
  }

  private LinkProtocolException cut() {
    return new LinkProtocolException(what + " is too short");
  }
}
