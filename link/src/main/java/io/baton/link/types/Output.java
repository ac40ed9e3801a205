package io.baton.link.types;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;

/**
 * A growing array of bytes with a limit, which messages are written to and which its owner reuses.
 * Numbers are in Avro's binary encoding: integers zigzag and in groups of 7 bits, the lowest first.
 * One thread at a time.
 */
public final class Output {
  /** Numbers of fixed length in an array, the lowest byte first. */
  static final VarHandle FIXED4 =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  static final VarHandle FIXED8 =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final int FIRST_CAPACITY = 256;

  private final int limit;
  private byte[] bytes;
  private int size;
  private int depth;

  /**
   * Creates an empty output.
   *
   * @param limit the number of bytes that it holds at most
   * @throws IllegalArgumentException if the limit is below 1
   */
  public Output(int limit) {
    if (limit < 1) {
      throw new IllegalArgumentException("an output's limit is at least 1 byte, not " + limit);
    }
    this.limit = limit;
    bytes = new byte[Math.min(limit, FIRST_CAPACITY)];
  }

  /** Returns the number of bytes written. */
  public int size() {
    return size;
  }

  /** Forgets what was written and keeps the memory. */
  public void clear() {
    truncate(0);
  }

  /**
   * Forgets what was written after the first bytes.
   *
   * @param length from 0 to {@link #size()}
   */
  public void truncate(int length) {
    size = Objects.checkFromToIndex(0, length, size) + length;
    depth = 0;
  }

  /** Returns the bytes as a view that is valid until the next change of this output. */
  public ByteBuffer buffer() {
    return ByteBuffer.wrap(bytes, 0, size).asReadOnlyBuffer();
  }

  /** Returns a copy of the bytes. */
  public byte[] toByteArray() {
    return Arrays.copyOf(bytes, size);
  }

  /**
   * Appends bytes as they are, without their number.
   *
   * @throws MessageTooLongException if they exceed the limit
   */
  public void append(byte[] added) {
    append(added, 0, added.length);
  }

  /**
   * Appends bytes as they are, without their number.
   *
   * @param offset the first of them in the array
   * @param length their number
   * @throws MessageTooLongException if they exceed the limit
   */
  public void append(byte[] added, int offset, int length) {
    ensure(length);
    System.arraycopy(added, offset, bytes, size, length);
    size += length;
  }

  void writeBoolean(boolean value) {
    ensure(1);
    bytes[size++] = (byte) (value ? 1 : 0);
  }

  void writeInt(int value) {
    writeLong(value);
  }

  void writeLong(long value) {
    long rest = (value << 1) ^ (value >> 63);
    ensure((63 - Long.numberOfLeadingZeros(rest | 1)) / 7 + 1);
    while ((rest & ~0x7fL) != 0) {
      bytes[size++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[size++] = (byte) rest;
  }

  void writeFloat(float value) {
    ensure(4);
    FIXED4.set(bytes, size, Float.floatToRawIntBits(value));
    size += 4;
  }

  void writeDouble(double value) {
    writeFixed8(Double.doubleToRawLongBits(value));
  }

  void writeFixed8(long value) {
    ensure(8);
    FIXED8.set(bytes, size, value);
    size += 8;
  }

  void writeBytes(byte[] value) {
    writeLong(value.length);
    append(value);
  }

  void writeString(String value) {
    // UTF-8 has at least a byte per char: a text beyond the limit is not encoded first.
    if (value.length() > limit - size) {
      throw new MessageTooLongException(limit);
    }
    writeBytes(value.getBytes(UTF_8));
  }

  /** Begins a record, list or map, each of which the reader counts as a level. */
  void enter() {
    if (++depth > Types.MAX_DEPTH) {
      throw new IllegalArgumentException(
          "a message nests at most %d records, lists and maps; it is not sent"
              .formatted(Types.MAX_DEPTH));
    }
  }

  void leave() {
    depth--;
  }

  private void ensure(int more) {
    if (more > bytes.length - size) {
      grow(more);
    }
  }

  private void grow(int more) {
    if (more > limit - size) {
      throw new MessageTooLongException(limit);
    }
    long doubled = Math.max(2L * bytes.length, (long) size + more);
    bytes = Arrays.copyOf(bytes, (int) Math.min(doubled, limit));
  }
}
