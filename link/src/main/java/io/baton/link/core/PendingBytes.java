package io.baton.link.core;

import java.nio.ByteBuffer;

/** Frames of a handshake that are written as far as there is room. */
final class PendingBytes {
  private ByteBuffer bytes = ByteBuffer.allocate(0);

  void add(byte[] frame) {
    bytes = ByteBuffer.wrap(new ByteSink().raw(bytes).raw(frame).toBytes());
  }

  boolean hasMore() {
    return bytes.hasRemaining();
  }

  int size() {
    return bytes.remaining();
  }

  int write(ByteBuffer to) {
    int n = Math.min(to.remaining(), bytes.remaining());
    to.put(bytes.slice(bytes.position(), n));
    bytes.position(bytes.position() + n);
    return n;
  }
}
