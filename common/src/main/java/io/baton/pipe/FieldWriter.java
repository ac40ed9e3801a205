package io.baton.pipe;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * A writer of the fields of messages, the counterpart of {@link FieldReader}. All numbers are
 * little-endian.
 *
 * <p>Each method throws {@link java.nio.BufferOverflowException} if the field does not fit.
 */
public final class FieldWriter {
  /** Longest text, in bytes of UTF-8. */
  public static final int MAX_TEXT_BYTES = 2_000;

  private final ByteBuffer to;

  /**
   * @param to little-endian
   */
  public FieldWriter(ByteBuffer to) {
    this.to = to;
  }

  public FieldWriter u8(int value) {
    to.put((byte) value);
    return this;
  }

  public FieldWriter u16(int value) {
    to.putShort((short) value);
    return this;
  }

  public FieldWriter u32(long value) {
    to.putInt((int) value);
    return this;
  }

  public FieldWriter i32(int value) {
    to.putInt(value);
    return this;
  }

  public FieldWriter i64(long value) {
    to.putLong(value);
    return this;
  }

  public FieldWriter flag(boolean value) {
    return u8(value ? 1 : 0);
  }

  /** Writes bytes whose number the reader knows. */
  public FieldWriter bytes(byte[] value) {
    to.put(value);
    return this;
  }

  /** Writes bytes after their number as a u16. */
  public FieldWriter shortBytes(ByteBuffer value) {
    u16(value.remaining());
    to.put(value.duplicate());
    return this;
  }

  /** Writes bytes after their number as an i32. */
  public FieldWriter longBytes(ByteBuffer value) {
    i32(value.remaining());
    to.put(value.duplicate());
    return this;
  }

  public FieldWriter text(String value) {
    return text(value, MAX_TEXT_BYTES);
  }

  /** Writes a text and cuts off what is too long, never inside a character. */
  public FieldWriter text(String value, int maxBytes) {
    ByteBuffer bytes = ByteBuffer.allocate(maxBytes);
    StandardCharsets.UTF_8
        .newEncoder()
        .onMalformedInput(CodingErrorAction.REPLACE)
        .encode(CharBuffer.wrap(value), bytes, true);
    return shortBytes(bytes.flip());
  }
}
