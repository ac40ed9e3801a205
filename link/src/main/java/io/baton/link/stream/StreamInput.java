package io.baton.link.stream;

import io.baton.link.core.LinkCode;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/** The reading end of a stream, for one thread at a time. */
final class StreamInput extends InputStream {
  private final StreamHandle stream;
  private final ReceivedPiece piece;
  private volatile boolean closed;

  StreamInput(StreamHandle stream, ReceivedPiece piece) {
    this.stream = stream;
    this.piece = piece;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] to, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, to.length);
    if (closed) {
      throw new IOException("the stream " + stream.name + " is closed");
    }
    if (length == 0) {
      return 0;
    }
    int n;
    stream.lock.lock();
    try {
      if (piece.await() == 0) {
        stream.check();
        return -1;
      }
      n = piece.take(to, offset, length);
      if (piece.size() > 0) {
        return n;
      }
    } finally {
      stream.lock.unlock();
    }
    stream.request();
    return n;
  }

  @Override
  public int available() {
    stream.lock.lock();
    try {
      return closed ? 0 : piece.size();
    } finally {
      stream.lock.unlock();
    }
  }

  /** Stops the stream; the end that is still to come behind all bytes is no early end. */
  @Override
  public void close() {
    boolean early;
    stream.lock.lock();
    try {
      early = !closed && (stream.length < 0 || piece.taken() < stream.length);
      closed = true;
    } finally {
      stream.lock.unlock();
    }
    if (early) {
      stream.cut(stream.because(LinkCode.BYE, "was closed by its reader", null));
    }
  }
}
