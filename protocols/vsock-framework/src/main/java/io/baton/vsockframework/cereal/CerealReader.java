package io.baton.vsockframework.cereal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The bytes of one record while it is read, and what has been numbered in them: shared objects and
 * names of classes. Each size is compared with the bytes that are left before anything is
 * allocated.
 */
final class CerealReader {
  /** The bit of a number that is used for the first time. */
  static final int FIRST = 0x80000000;

  private final ByteBuffer in;
  private final List<Pointee> pointees = new ArrayList<>();
  private final List<String> names = new ArrayList<>();
  private final Depth depth = new Depth();

  /** Elements of vectors that have no bytes: of them, too, there are no more than bytes. */
  private int withoutBytes;

  /**
   * An object that shared pointers point to.
   *
   * @param type its shape
   * @param value the object, which is the reader itself until it has been read
   */
  private record Pointee(Object type, Object value) {}

  CerealReader(byte[] bytes) {
    in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  int remaining() {
    return in.remaining();
  }

  /** Returns the bytes, from which this many can be read. */
  ByteBuffer require(int bytes) throws CerealException {
    if (in.remaining() < bytes) {
      throw new CerealException(
          "needs %d bytes; there are %d left".formatted(bytes, in.remaining()));
    }
    return in;
  }

  /**
   * Reads the number of elements of a string or a vector.
   *
   * @param each the fewest bytes of an element
   */
  int size(int each) throws CerealException {
    long size = require(Long.BYTES).getLong();
    int most = each > 0 ? in.remaining() / each : in.remaining() - withoutBytes;
    if (size < 0 || size > most) {
      throw new CerealException(
          "a size of %s; the %d bytes that are left have room for %d"
              .formatted(Long.toUnsignedString(size), in.remaining(), most));
    }
    if (each == 0) {
      withoutBytes += (int) size;
    }
    return (int) size;
  }

  byte[] bytes() throws CerealException {
    byte[] bytes = new byte[size(1)];
    in.get(bytes);
    return bytes;
  }

  String text() throws CerealException {
    int size = size(1);
    ByteBuffer text = in.slice(in.position(), size);
    try {
      String read = StandardCharsets.UTF_8.newDecoder().decode(text).toString();
      in.position(in.position() + size);
      return read;
    } catch (CharacterCodingException e) {
      throw new CerealException("a text of %d bytes that is not UTF-8".formatted(size));
    }
  }

  Depth depth() {
    return depth;
  }

  /**
   * Begins an object that shared pointers point to.
   *
   * @return its number, for {@link #finish}
   */
  int begin(int id, Object type) throws CerealException {
    int number = id & ~FIRST;
    if (number != pointees.size() + 1) {
      throw new CerealException(
          "shared object %d comes first; expected is %d".formatted(number, pointees.size() + 1));
    }
    pointees.add(new Pointee(type, this));
    return number;
  }

  /** Ends it. */
  void finish(int number, Object type, Object value) {
    pointees.set(number - 1, new Pointee(type, value));
  }

  /** Returns a shared object that has been read before. */
  Object known(int number, Object type) throws CerealException {
    if (number > pointees.size()) {
      throw new CerealException(
          "shared object %d is not known; there are %d".formatted(number, pointees.size()));
    }
    Pointee known = pointees.get(number - 1);
    if (known.value == this) {
      throw new CerealException("shared object %d contains itself".formatted(number));
    }
    if (!known.type.equals(type)) {
      throw new CerealException("shared object %d has another type".formatted(number));
    }
    return known.value;
  }

  /** Reads the name that a number stands for, and the name itself at its first use. */
  String name(int id) throws CerealException {
    int number = id & ~FIRST;
    if (id < 0) {
      if (number != names.size() + 1) {
        throw new CerealException(
            "class %d comes first; expected is %d".formatted(number, names.size() + 1));
      }
      String name = text();
      if (names.contains(name)) {
        throw new CerealException("class %s is numbered twice".formatted(name));
      }
      names.add(name);
    } else if (number > names.size()) {
      throw new CerealException(
          "class %d is not known; there are %d".formatted(number, names.size()));
    }
    return names.get(number - 1);
  }
}
