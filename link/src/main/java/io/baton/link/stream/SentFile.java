package io.baton.link.stream;

import io.baton.link.core.LinkCode;
import io.baton.link.core.StreamSource;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** The file of an {@link OutgoingStream} as the core reads it; tells the handle what fails. */
final class SentFile implements StreamSource {
  private final OutgoingStream stream;
  private final FileSource file;

  SentFile(OutgoingStream stream, FileSource file) {
    this.stream = stream;
    this.file = file;
  }

  Path path() {
    return file.path();
  }

  @Override
  public int read(long position, ByteBuffer to) throws IOException {
    try {
      int n = file.read(position, to);
      if (n < 1) {
        throw new IOException(
            "%s has become shorter: %d of %d bytes".formatted(path(), position, file.size()));
      }
      stream.sentUpTo(position + n);
      return n;
    } catch (IOException e) {
      String text = "ends early: " + e.getMessage();
      stream.over(stream.because(LinkCode.ERROR.number(), text, e), true);
      throw e;
    }
  }

  @Override
  public byte[] saved() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      DataOutputStream to = new DataOutputStream(bytes);
      to.writeInt(stream.channel());
      to.writeUTF(stream.name);
      to.writeBoolean(stream.isOver());
      to.writeLong(stream.sent());
      file.write(to);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  @Override
  public void close() {
    file.close();
  }
}
