package io.baton.link.stream;

import io.baton.link.core.LinkCode;
import io.baton.link.core.LinkStreams;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * The writing end of a stream: a small buffer, from which the core takes as much as it has room
 * for. Everything here happens with the stream's lock held.
 */
final class StreamOutput extends OutputStream {
  static final int BUFFER_BYTES = 16 * 1024;

  private final StreamHandle stream;
  private byte[] buffer = {};
  private int buffered;
  private boolean closed;

  StreamOutput(StreamHandle stream) {
    this.stream = stream;
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] from, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, from.length);
    int at = offset;
    while (at < offset + length) {
      at += append(from, at, offset + length - at);
    }
  }

  /** Buffers what there is room for, at least a byte. */
  private int append(byte[] from, int offset, int length) throws IOException {
    int n;
    stream.lock.lock();
    try {
      while (buffered == BUFFER_BYTES && !closed && !stream.isOver()) {
        stream.awaitChange();
      }
      checkOpen();
      if (buffer.length == 0) {
        buffer = new byte[BUFFER_BYTES];
      }
      n = Math.min(length, BUFFER_BYTES - buffered);
      System.arraycopy(from, offset, buffer, buffered, n);
      buffered += n;
      if (buffered < BUFFER_BYTES) {
        return n;
      }
    } finally {
      stream.lock.unlock();
    }
    stream.request();
    return n;
  }

  /** Waits until the session has taken all bytes. */
  @Override
  public void flush() throws IOException {
    stream.request();
    stream.lock.lock();
    try {
      while (buffered > 0 && !stream.isOver()) {
        stream.awaitChange();
      }
      stream.check();
    } finally {
      stream.lock.unlock();
    }
  }

  /** Ends the stream behind the bytes that were written; does not wait. */
  @Override
  public void close() {
    stream.lock.lock();
    try {
      closed = true;
      stream.changed();
    } finally {
      stream.lock.unlock();
    }
    stream.request();
  }

  private void checkOpen() throws IOException {
    stream.check();
    if (closed) {
      throw new IOException("the stream " + stream.name + " is closed");
    }
  }

  /** Gives the core what it has room for; called by a thread that has the core, too. */
  void push(LinkStreams to) {
    if (buffered > 0) {
      ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, buffered);
      to.write(stream.channel, bytes);
      if (bytes.position() > 0) {
        long before = stream.sent;
        stream.sent = before + bytes.position();
        buffered = bytes.remaining();
        System.arraycopy(buffer, bytes.position(), buffer, 0, buffered);
        stream.changed();
      }
    }
    if (closed && buffered == 0) {
      to.end(stream.channel, LinkCode.DONE.number());
    }
  }
}
