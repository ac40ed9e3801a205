package io.baton.link.stream;

import io.baton.link.LinkException;
import io.baton.link.core.LinkCode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The file into which a stream is written, by a thread of its own. Bytes are consumed after they
 * were written, each at its position, so another process can go on at any time: it writes some of
 * them again.
 */
final class StreamFile implements Runnable {
  final Path path;
  final CompletableFuture<Long> written = new CompletableFuture<>();
  private final StreamHandle stream;
  private final ReceivedPiece piece;
  private long position;
  private @Nullable FileChannel file;

  StreamFile(StreamHandle stream, ReceivedPiece piece, Path path) {
    this.stream = stream;
    this.piece = piece;
    this.path = path;
    this.position = piece.consumed();
  }

  /**
   * Opens the file and begins to write.
   *
   * @param anew whether the file is made, or emptied; else it has to be there
   * @return why that is not possible, or null
   */
  @Nullable LinkException start(boolean anew) {
    try {
      file =
          anew
              ? FileChannel.open(
                  path,
                  StandardOpenOption.WRITE,
                  StandardOpenOption.CREATE,
                  StandardOpenOption.TRUNCATE_EXISTING)
              : FileChannel.open(path, StandardOpenOption.WRITE);
    } catch (IOException e) {
      return failure(e);
    }
    Thread.ofVirtual().name("link-stream-" + stream.name).start(this);
    return null;
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
      stream.cut(failure(e));
    }
  }

  /** Waits for bytes; returns those that are here, null at any end of the stream. */
  private @Nullable ByteBuffer next() throws IOException {
    stream.lock.lock();
    try {
      return piece.await() == 0 ? null : piece.rest();
    } finally {
      stream.lock.unlock();
    }
  }

  private void taken() {
    stream.lock.lock();
    try {
      piece.takeAll();
    } finally {
      stream.lock.unlock();
    }
    stream.request();
  }

  private LinkException failure(IOException e) {
    return stream.because(LinkCode.ERROR, "cannot be written to its file: " + e, e);
  }

  /** Closes the file, which nobody writes any more; returns why that failed, or null. */
  @Nullable LinkException close() {
    try {
      if (file != null) {
        file.close();
      }
      return null;
    } catch (IOException e) {
      return failure(e);
    }
  }
}
