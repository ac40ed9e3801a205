package io.baton.pipe;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.function.ToIntFunction;

/**
 * A reader of the fields of messages, the counterpart of {@link FieldWriter}. It never allocates
 * more than there are bytes left.
 *
 * <p>Each method throws {@link BufferUnderflowException} if the field is not there as a whole, and
 * {@link MalformedMessageException} if its value is not allowed.
 */
public final class FieldReader {
  private final ByteBuffer from;

  /**
   * @param from little-endian
   */
  public FieldReader(ByteBuffer from) {
    this.from = from;
  }

  public boolean isAtEnd() {
    return !from.hasRemaining();
  }

  public int u8() {
    return Byte.toUnsignedInt(from.get());
  }

  public int u16() {
    return Short.toUnsignedInt(from.getShort());
  }

  public long u32() {
    return Integer.toUnsignedLong(from.getInt());
  }

  public int i32() {
    return from.getInt();
  }

  public long i64() {
    return from.getLong();
  }

  /** Reads an i32 that is not negative. */
  public int count32() throws MalformedMessageException {
    return (int) notNegative(i32());
  }

  /** Reads an i64 that is not negative. */
  public long count64() throws MalformedMessageException {
    return notNegative(i64());
  }

  private static long notNegative(long count) throws MalformedMessageException {
    if (count < 0) {
      throw new MalformedMessageException("a count of " + count);
    }
    return count;
  }

  public boolean flag() throws MalformedMessageException {
    int value = u8();
    if (value > 1) {
      throw new MalformedMessageException("a flag of " + value);
    }
    return value == 1;
  }

  /**
   * Reads a u8 that is the code of one of these constants.
   *
   * @param what one of them is called in messages
   */
  public <E> E oneOf(E[] constants, ToIntFunction<E> code, String what)
      throws MalformedMessageException {
    int value = u8();
    for (E each : constants) {
      if (code.applyAsInt(each) == value) {
        return each;
      }
    }
    throw unknown(what, value);
  }

  public static MalformedMessageException unknown(String what, int code) {
    return new MalformedMessageException("an unknown " + what + " " + code);
  }

  public byte[] bytes(int count) {
    if (count < 0 || count > from.remaining()) {
      throw new BufferUnderflowException();
    }
    byte[] bytes = new byte[count];
    from.get(bytes);
    return bytes;
  }

  /** Reads bytes after their number as a u16. */
  public ByteBuffer shortBytes() {
    return ByteBuffer.wrap(bytes(u16())).asReadOnlyBuffer();
  }

  /** Reads bytes after their number as an i32. */
  public ByteBuffer longBytes() {
    return ByteBuffer.wrap(bytes(i32())).asReadOnlyBuffer();
  }

  public String text() throws MalformedMessageException {
    return text(FieldWriter.MAX_TEXT_BYTES);
  }

  public String text(int maxBytes) throws MalformedMessageException {
    ByteBuffer bytes = shortBytes();
    if (bytes.remaining() > maxBytes) {
      throw new MalformedMessageException("a text of " + bytes.remaining() + " bytes");
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
    } catch (CharacterCodingException _) {
      throw new MalformedMessageException("a text that is not UTF-8");
    }
  }
}
