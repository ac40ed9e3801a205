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
    return length == 0 ? 0 : stream.read(to, offset, length);
  }

  @Override
  public int available() {
    return closed ? 0 : stream.available();
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      stream.close();
    }
  }
}
