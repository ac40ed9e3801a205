package io.baton.link.stream;

import io.baton.link.core.LinkCode;
import io.baton.link.core.StreamSource;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A file whose bytes are sent and, until the other side has consumed them, sent again after a cut.
 * Wherever it is opened again, also in another process, it is an error if its size or the time of
 * its last modification has changed. Not for several threads at a time.
 */
final class FileSource implements StreamSource {
  private final Path path;
  private final long size;
  private final Instant modified;
  private @Nullable FileChannel file;
  private @Nullable StreamHandle stream;
  private boolean closed;

  private FileSource(Path path, long size, Instant modified) {
    this.path = path;
    this.size = size;
    this.modified = modified;
  }

  static FileSource open(Path path) throws IOException {
    Path absolute = path.toAbsolutePath();
    BasicFileAttributes facts = facts(absolute);
    FileSource source =
        new FileSource(absolute, facts.size(), facts.lastModifiedTime().toInstant());
    source.file();
    return source;
  }

  /**
   * Returns the file of {@link #saved}, behind what is its stream's. It is not opened before it is
   * read.
   */
  static FileSource restore(DataInputStream from) throws IOException {
    Path path = Path.of(from.readUTF());
    long size = from.readLong();
    Instant modified = Instant.ofEpochSecond(from.readLong(), from.readInt());
    return new FileSource(path, size, modified);
  }

  /** Sets the stream whose bytes the file has; it ends with what fails here. */
  void sentBy(StreamHandle its) {
    stream = its;
  }

  private static BasicFileAttributes facts(Path path) throws IOException {
    BasicFileAttributes facts = Files.readAttributes(path, BasicFileAttributes.class);
    if (!facts.isRegularFile()) {
      throw new IOException(path + " is not a regular file; only such a file can be sent");
    }
    return facts;
  }

  Path path() {
    return path;
  }

  long size() {
    return size;
  }

  private FileChannel file() throws IOException {
    if (closed) {
      throw new IOException(path + " is closed");
    }
    FileChannel open = file;
    if (open == null) {
      BasicFileAttributes facts = facts(path);
      Instant time = facts.lastModifiedTime().toInstant();
      if (facts.size() != size || !time.equals(modified)) {
        throw new IOException(
            "%s was changed while it was sent: it had %d bytes of %s and has %d of %s"
                .formatted(path, size, modified, facts.size(), time));
      }
      open = FileChannel.open(path, StandardOpenOption.READ);
      file = open;
    }
    return open;
  }

  @Override
  public int read(long position, ByteBuffer to) throws IOException {
    StreamHandle its = stream;
    try {
      int n = readOrFail(position, to);
      if (its != null) {
        its.sent = Math.max(its.sent, position + n);
      }
      return n;
    } catch (IOException e) {
      if (its != null) {
        its.over(its.because(LinkCode.ERROR, "ends early: " + e.getMessage(), e), true);
      }
      throw e;
    }
  }

  private int readOrFail(long position, ByteBuffer to) throws IOException {
    int n;
    try {
      n = file().read(to, position);
    } catch (ClosedByInterruptException e) {
      n = readAgain(position, to);
    }
    if (n < 1) {
      throw new IOException(
          "%s has become shorter: %d of %d bytes".formatted(path, position, size));
    }
    return n;
  }

  /** An interrupt is for its thread, not for the stream: the file is opened again. */
  private int readAgain(long position, ByteBuffer to) throws IOException {
    boolean interrupted = Thread.interrupted();
    try {
      file = null;
      return file().read(to, position);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public byte[] saved() {
    StreamHandle its = Objects.requireNonNull(stream);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      DataOutputStream to = new DataOutputStream(bytes);
      to.writeInt(its.channel);
      to.writeUTF(its.name);
      to.writeBoolean(its.isOver());
      to.writeLong(its.sent);
      to.writeUTF(path.toString());
      to.writeLong(size);
      to.writeLong(modified.getEpochSecond());
      to.writeInt(modified.getNano());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  @Override
  public void close() {
    closed = true;
    FileChannel open = file;
    file = null;
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        // Nothing was written to it.
      }
    }
  }
}
