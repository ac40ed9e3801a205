package io.baton.link.stream;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The file into which an {@link IncomingStream} is written, by a thread of its own. Bytes are
 * consumed after they were written, each at its position, so another process can go on at any time:
 * it writes some of them again.
 */
final class StreamFile implements Runnable {
  final Path path;
  final CompletableFuture<Long> written = new CompletableFuture<>();
  private final IncomingStream stream;
  private long position;
  private @Nullable FileChannel file;

  /**
   * @param position of the first byte that is not written
   */
  StreamFile(IncomingStream stream, Path path, long position) {
    this.stream = stream;
    this.path = path;
    this.position = position;
  }

  /**
   * Opens the file and begins to write.
   *
   * @param anew whether the file is made, or emptied; else it has to be there
   */
  void start(boolean anew) throws IOException {
    file =
        anew
            ? FileChannel.open(
                path,
                StandardOpenOption.WRITE,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING)
            : FileChannel.open(path, StandardOpenOption.WRITE);
    Thread.ofVirtual().name("link-stream-" + stream.name).start(this);
  }

  @Override
  public void run() {
    FileChannel to = file;
    if (to == null) {
      throw new IllegalStateException("not open: " + path);
    }
    try (to) {
      ByteBuffer bytes;
      while ((bytes = next()) != null) {
        while (bytes.hasRemaining()) {
          position += to.write(bytes, position);
        }
        taken();
      }
    } catch (IOException e) {
      stream.failed(e);
    }
  }

  /** Waits for bytes; returns those that are here, null at any end of the stream. */
  private @Nullable ByteBuffer next() throws IOException {
    stream.lock.lock();
    try {
      return stream.here() == 0 ? null : stream.piece.rest();
    } finally {
      stream.lock.unlock();
    }
  }

  private void taken() {
    stream.lock.lock();
    try {
      stream.piece.takeAll();
    } finally {
      stream.lock.unlock();
    }
    stream.request();
  }

  /** Closes the file, which nobody writes any more. */
  void close() throws IOException {
    if (file != null) {
      file.close();
    }
  }
}
