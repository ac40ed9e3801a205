package io.baton.link.stream;

import io.baton.link.core.LinkCode;
import java.io.IOException;
import java.io.InputStream;

/** Copies a user's input into a stream, and closes it at the end, however that comes. */
final class StreamPump implements Runnable {
  private final StreamHandle stream;
  private final InputStream input;
  private final StreamOutput output;

  StreamPump(StreamHandle stream, InputStream input, StreamOutput output) {
    this.stream = stream;
    this.input = input;
    this.output = output;
  }

  @Override
  public void run() {
    try {
      copy();
      output.close();
    } catch (IOException | RuntimeException e) {
      // If it was the stream that has ended, this changes nothing.
      stream.cut(stream.because(LinkCode.ERROR, "ends early: its input failed: " + e, e));
    } finally {
      close(input);
    }
  }

  static void close(InputStream input) {
    try {
      input.close();
    } catch (IOException e) {
      // Everything has been read, or nothing is wanted any more.
    }
  }

  private void copy() throws IOException {
    byte[] bytes = new byte[StreamOutput.BUFFER_BYTES];
    long length = stream.length;
    long sum = 0;
    int n;
    while ((n = input.read(bytes)) >= 0) {
      sum += n;
      if (length >= 0 && sum > length) {
        break;
      }
      output.write(bytes, 0, n);
      output.flush();
    }
    if (length >= 0 && sum != length) {
      throw new IOException(
          sum < length
              ? "%d bytes of the %d that were announced".formatted(sum, length)
              : "more bytes than the %d that were announced".formatted(length));
    }
  }
}
