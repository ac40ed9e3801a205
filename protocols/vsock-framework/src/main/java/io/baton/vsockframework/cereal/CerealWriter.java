package io.baton.vsockframework.cereal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;

/** The bytes of one record while it is written, and what has been numbered in them. */
final class CerealWriter {
  private static final int FIRST_CAPACITY = 64;

  private final int max;
  private final IdentityHashMap<Object, Integer> pointees = new IdentityHashMap<>();
  private final Map<String, Integer> names = new HashMap<>();
  private ByteBuffer out = ByteBuffer.allocate(FIRST_CAPACITY).order(ByteOrder.LITTLE_ENDIAN);
  private final Depth depth = new Depth();

  CerealWriter(int max) {
    this.max = max;
  }

  /** Returns the buffer, to which this many bytes can be written. */
  ByteBuffer room(int bytes) throws CerealException {
    long length = (long) out.position() + bytes;
    if (length > max) {
      throw new CerealException("the record takes more than the %d bytes allowed".formatted(max));
    }
    if (length > out.capacity()) {
      int capacity = (int) Math.min(max, Math.max(length, 2L * out.capacity()));
      out = ByteBuffer.allocate(capacity).order(ByteOrder.LITTLE_ENDIAN).put(out.flip());
    }
    return out;
  }

  void bytes(byte[] bytes) throws CerealException {
    room(Long.BYTES).putLong(bytes.length);
    room(bytes.length).put(bytes);
  }

  void text(String text) throws CerealException {
    bytes(text.getBytes(StandardCharsets.UTF_8));
  }

  Depth depth() {
    return depth;
  }

  /**
   * Writes the number of an object that a shared pointer points to.
   *
   * @return whether it is its first use, so that the object follows
   */
  boolean pointee(Object value) throws CerealException {
    Integer known = pointees.get(value);
    if (known != null) {
      room(Integer.BYTES).putInt(known);
      return false;
    }
    int number = pointees.size() + 1;
    pointees.put(value, number);
    room(Integer.BYTES).putInt(number | CerealReader.FIRST);
    return true;
  }

  /** Writes the number of a name, and the name itself at its first use. */
  void name(String name) throws CerealException {
    Integer known = names.get(name);
    if (known != null) {
      room(Integer.BYTES).putInt(known);
      return;
    }
    int number = names.size() + 1;
    names.put(name, number);
    room(Integer.BYTES).putInt(number | CerealReader.FIRST);
    text(name);
  }

  byte[] written() {
    return Arrays.copyOf(out.array(), out.position());
  }
}
