package io.baton.link.core;

import java.nio.ByteBuffer;

/**
 * The bytes of a stream from one offset to another: appended at the end, dropped at the start, read
 * anywhere between. Memory grows by doubling with what it holds and is given back when it is empty;
 * when it is needed again, there is at once as much as was used the last time.
 */
final class ByteRing {
  private static final byte[] NONE = {};
  private static final int LEAST = 256;

  private byte[] bytes = NONE;
  private long start;
  private long end;

  /** The most bytes that were held since memory was taken. */
  private int most;

  long start() {
    return start;
  }

  long end() {
    return end;
  }

  int size() {
    return (int) (end - start);
  }

  int capacity() {
    return bytes.length;
  }

  void append(ByteBuffer from) {
    int n = from.remaining();
    if (n == 0) {
      return;
    }
    reserve(n);
    int at = index(end);
    int first = Math.min(n, bytes.length - at);
    from.get(bytes, at, first).get(bytes, 0, n - first);
    end += n;
  }

  void append(byte value) {
    reserve(1);
    bytes[index(end)] = value;
    end++;
  }

  /** Appends a varint. */
  void appendVarint(long value) {
    long rest = value;
    while (rest >= 0x80) {
      append((byte) (rest | 0x80));
      rest >>>= 7;
    }
    append((byte) rest);
  }

  byte at(long offset) {
    return bytes[index(offset)];
  }

  /** Copies {@code n} bytes from an offset. */
  void copy(long offset, int n, ByteBuffer to) {
    int at = index(offset);
    int first = Math.min(n, bytes.length - at);
    to.put(bytes, at, first).put(bytes, 0, n - first);
  }

  /** Returns bytes from an offset as a buffer: a view where they lie together, else a copy. */
  ByteBuffer view(long offset, int n) {
    if (n == 0) {
      return ByteBuffer.wrap(NONE);
    }
    int at = index(offset);
    if (at + n <= bytes.length) {
      return ByteBuffer.wrap(bytes, at, n);
    }
    ByteBuffer copy = ByteBuffer.allocate(n);
    copy(offset, n, copy);
    return copy.flip();
  }

  /** Drops what is before the offset. */
  void dropTo(long offset) {
    start = offset;
    if (start == end) {
      bytes = NONE;
    }
  }

  /** Moves an empty ring on, as if bytes had been appended and dropped. */
  void skip(long n) {
    start += n;
    end += n;
  }

  /** Drops what is from the offset on. */
  void cutTo(long offset) {
    end = offset;
    dropTo(start);
  }

  void save(ByteSink to) {
    to.varint(start).varint(size()).raw(view(start, size()));
  }

  /** Restores into a new ring. */
  void restore(ByteSource from) throws LinkProtocolException {
    start = from.varint();
    end = start;
    byte[] held = from.block(Limits.MAX_CREDIT, "kept bytes");
    from.check(start <= Long.MAX_VALUE - held.length, "an offset beyond 63 bits");
    append(ByteBuffer.wrap(held));
  }

  private void reserve(int n) {
    int needed = Math.addExact(size(), n);
    int expected = bytes.length == 0 ? Math.max(needed, most) : needed;
    most = bytes.length == 0 ? needed : Math.max(needed, most);
    if (needed <= bytes.length) {
      return;
    }
    int room = LEAST;
    while (room < expected) {
      room = Math.multiplyExact(room, 2);
    }
    byte[] larger = new byte[room];
    if (bytes.length > 0) {
      byte[] old = bytes;
      int from = index(start);
      int to = (int) (start & (room - 1));
      for (int left = size(); left > 0; ) {
        int piece = Math.min(left, Math.min(old.length - from, room - to));
        System.arraycopy(old, from, larger, to, piece);
        from = (from + piece) & (old.length - 1);
        to = (to + piece) & (room - 1);
        left -= piece;
      }
    }
    bytes = larger;
  }

  private int index(long offset) {
    return (int) (offset & (bytes.length - 1));
  }
}
