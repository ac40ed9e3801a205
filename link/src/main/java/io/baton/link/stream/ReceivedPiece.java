package io.baton.link.stream;

import io.baton.link.core.LinkStreams;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;

/**
 * A piece of a stream that was copied out of the core and stays unconsumed there until all of it is
 * taken. Grows with what there is. Guarded by the lock of its stream; what {@link #rest} shows may
 * be read without the lock until {@link #takeAll}.
 */
final class ReceivedPiece {
  static final int MAX_BYTES = 64 * 1024;
  private static final int FIRST_BYTES = 4 * 1024;

  private final StreamHandle stream;
  private byte[] bytes = {};
  private int at;
  private int limit;
  private long consumed;

  /**
   * @param consumed how many bytes of the stream were consumed before
   */
  ReceivedPiece(StreamHandle stream, long consumed) {
    this.stream = stream;
    this.consumed = consumed;
  }

  /** Returns how many bytes are here and not taken. */
  int size() {
    return limit - at;
  }

  /** Returns how many bytes of the stream were taken, the consumed ones included. */
  long taken() {
    return consumed + at;
  }

  long consumed() {
    return consumed;
  }

  /** Waits for bytes; returns how many are here, 0 at any end of the stream. */
  int await() throws InterruptedIOException {
    while (size() == 0 && !stream.isOver()) {
      stream.awaitChange();
    }
    return size();
  }

  int take(byte[] to, int offset, int length) {
    int n = Math.min(length, size());
    System.arraycopy(bytes, at, to, offset, n);
    at += n;
    return n;
  }

  ByteBuffer rest() {
    return ByteBuffer.wrap(bytes, at, size());
  }

  void takeAll() {
    at = limit;
  }

  /** Consumes the piece if all of it is taken, and copies the next, if one has come. */
  void next(LinkStreams core) {
    if (at < limit) {
      return;
    }
    int n = limit;
    at = 0;
    limit = 0;
    if (n > 0) {
      consumed += n;
      core.consume(stream.channel, n);
    }
    if (n == bytes.length && n < MAX_BYTES) {
      bytes = new byte[Math.max(FIRST_BYTES, 4 * n)];
    }
    limit = Math.max(0, core.peek(stream.channel, 0, ByteBuffer.wrap(bytes)));
  }
}
