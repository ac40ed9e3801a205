package io.baton.worker.migration;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/**
 * One section of a saved session: {@code u16 kind, u8 critical (0 or 1), u32 length, bytes},
 * little-endian.
 *
 * @param kind the number of a {@link SectionKind}, or one that this release does not know
 */
public record Section(int kind, boolean critical, ByteBuffer bytes) {
  private static final int HEAD = Short.BYTES + 1 + Integer.BYTES;

  public Section {
    bytes = bytes.asReadOnlyBuffer();
  }

  static Section of(SectionKind kind, ByteBuffer bytes) {
    return new Section(kind.number, kind.critical, bytes);
  }

  int size() {
    return HEAD + bytes.remaining();
  }

  void write(ByteBuffer to) {
    to.putShort((short) kind)
        .put((byte) (critical ? 1 : 0))
        .putInt(bytes.remaining())
        .put(bytes.duplicate());
  }

  /**
   * Reads a section, whose bytes are a view.
   *
   * @throws BufferUnderflowException if it ends too early
   * @throws IllegalArgumentException if it is malformed
   */
  static Section read(ByteBuffer from) {
    int kind = Short.toUnsignedInt(from.getShort());
    byte critical = from.get();
    int length = from.getInt();
    if (critical < 0 || critical > 1) {
      throw new IllegalArgumentException(
          "a saved session whose section " + kind + " is neither critical nor not: " + critical);
    }
    if (length < 0 || length > from.remaining()) {
      throw new BufferUnderflowException();
    }
    ByteBuffer bytes = from.slice(from.position(), length);
    from.position(from.position() + length);
    return new Section(kind, critical == 1, bytes);
  }
}
