package io.baton.link.types;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of one message while it is read, and the bounds of that: what is read is there, a
 * message nests at most {@link Types#MAX_DEPTH} levels, and its steps are at most four times its
 * bytes and {@value #FREE_STEPS}. All values but records have bytes of their own, so it is records
 * that are counted: three for each byte.
 *
 * <p>The number of a list's elements is believed only as far as there are bytes for them beside
 * those that the lists around it were promised. All lists of a message together therefore never
 * have more places than the message has bytes.
 */
final class Input {
  static final int FREE_STEPS = 256;
  private static final int RECORDS_PER_BYTE = 3;

  private final byte[] bytes;
  private final int start;
  private final int end;
  private int at;
  private int promised;
  private int depth;
  private long steps;
  private String type = "a message";

  Input(byte[] bytes, int start, int end) {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    at = start;
    steps = RECORDS_PER_BYTE * (long) (end - start) + FREE_STEPS;
  }

  /** Takes all bytes that the buffer has left. */
  static Input of(ByteBuffer buffer) {
    int length = buffer.remaining();
    if (buffer.hasArray()) {
      int start = buffer.arrayOffset() + buffer.position();
      buffer.position(buffer.limit());
      return new Input(buffer.array(), start, start + length);
    }
    byte[] copy = new byte[length];
    buffer.get(copy);
    return new Input(copy, 0, length);
  }

  int readByte() throws MalformedException {
    if (at == end) {
      throw ended();
    }
    return bytes[at++];
  }

  boolean readBoolean() throws MalformedException {
    int value = readByte();
    if (value < 0 || value > 1) {
      throw malformed("a boolean is 0 or 1, and this is %d", value);
    }
    return value == 1;
  }

  long readLong() throws MalformedException {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      int next = readByte();
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        if (shift == 63 && next > 1) {
          break;
        }
        return (value >>> 1) ^ -(value & 1);
      }
    }
    throw malformed("a number has more than 64 bits");
  }

  int readInt() throws MalformedException {
    long value = readLong();
    if (value != (int) value) {
      throw malformed("a number has more than 32 bits");
    }
    return (int) value;
  }

  float readFloat() throws MalformedException {
    return Float.intBitsToFloat((int) Output.FIXED4.get(bytes, take(4)));
  }

  double readDouble() throws MalformedException {
    return Double.longBitsToDouble(readFixed8());
  }

  long readFixed8() throws MalformedException {
    return (long) Output.FIXED8.get(bytes, take(8));
  }

  byte[] readBytes() throws MalformedException {
    int length = readLength();
    int from = take(length);
    return Arrays.copyOfRange(bytes, from, from + length);
  }

  /** Reads a text; one that is not UTF-8 is malformed. */
  String readString() throws MalformedException {
    int length = readLength();
    int from = take(length);
    String text = new String(bytes, from, length, UTF_8);
    // The JDK replaces what is not UTF-8 by U+FFFD, a character that a text may also contain.
    if (text.indexOf('\uFFFD') >= 0
        && !Arrays.equals(text.getBytes(UTF_8), Arrays.copyOfRange(bytes, from, at))) {
      throw malformed("a text is not UTF-8");
    }
    return text;
  }

  /** Reads the index of a branch or a constant. */
  int readIndex(int count, String of) throws MalformedException {
    long index = readLong();
    if (index < 0 || index >= count) {
      throw malformed("%s has %d values, and this is number %d", of, count, index);
    }
    return (int) index;
  }

  /**
   * Reads the number of elements of the next block of a list or map, 0 after the last. Each element
   * is then begun with {@link #element()}.
   */
  int readBlock() throws MalformedException {
    long count = readLong();
    if (count < 0) {
      readLength();
      count = -count;
    }
    if (count < 0 || count > end - at - promised) {
      throw malformed("%d elements in %d bytes", count, end - at - promised);
    }
    promised += (int) count;
    return (int) count;
  }

  void element() {
    promised--;
  }

  void skip(int length) throws MalformedException {
    take(length);
  }

  void skipBytes() throws MalformedException {
    take(readLength());
  }

  /** Begins a record, list or map. */
  void enter(int cost) throws MalformedException {
    steps -= cost;
    if (steps < 0) {
      throw malformed("too many records for %d bytes", end - start);
    }
    if (++depth > Types.MAX_DEPTH) {
      throw malformed("more than %d records, lists and maps in each other", Types.MAX_DEPTH);
    }
  }

  void leave() {
    depth--;
  }

  void finish() throws MalformedException {
    if (at < end) {
      throw malformed("%d bytes after the end of the message", end - at);
    }
  }

  /** Names the message for {@link #undecodable}. */
  void type(String name) {
    type = name;
  }

  @SuppressWarnings("AnnotateFormatMethod") // the annotation is not the JDK's
  UndecodableException undecodable(@Nullable Throwable cause, String what, Object... details) {
    return new UndecodableException(type, what.formatted(details), cause);
  }

  @SuppressWarnings("AnnotateFormatMethod") // the annotation is not the JDK's
  MalformedException malformed(String what, Object... details) {
    return new MalformedException(
        "malformed at byte %d: %s".formatted(at - start, what.formatted(details)));
  }

  private int readLength() throws MalformedException {
    long length = readLong();
    if (length < 0 || length > end - at) {
      throw malformed("a length of %d with %d bytes left", length, end - at);
    }
    return (int) length;
  }

  private int take(int length) throws MalformedException {
    if (length > end - at) {
      throw ended();
    }
    int from = at;
    at += length;
    return from;
  }

  private MalformedException ended() {
    return malformed("the message ends early");
  }
}
