package io.baton.link.stream;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/** The reading end of an {@link IncomingStream}, for one thread at a time. */
final class StreamInput extends InputStream {
  private final IncomingStream stream;
  private volatile boolean closed;

  StreamInput(IncomingStream stream) {
    this.stream = stream;
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
      if (stream.here() == 0) {
        stream.check();
        return -1;
      }
      n = stream.piece.take(to, offset, length);
      if (stream.piece.size() > 0) {
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
      return closed ? 0 : stream.piece.size();
    } finally {
      stream.lock.unlock();
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      stream.close();
    }
  }
}
