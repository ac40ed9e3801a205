package io.baton.worker.accesslog;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * The file of an access log, to which several workers append. Each write is of whole lines and one
 * system call with O_APPEND, which the kernel does not mix with those of others. A write that fails
 * loses its lines, and the next one opens the file again. A link in the file's place is not
 * followed. One thread at a time.
 */
final class AccessLogFile {
  private final Path path;
  private @Nullable FileChannel channel;

  /** The last write ended within a line. */
  private boolean torn;

  AccessLogFile(Path path) {
    this.path = path;
  }

  Path path() {
    return path;
  }

  /**
   * Writes lines.
   *
   * @throws IOException if not all of them are in the file; {@code lines} has what is not
   */
  void write(ByteBuffer lines) throws IOException {
    try {
      FileChannel to = open();
      if (torn) {
        torn = to.write(ByteBuffer.wrap(new byte[] {'\n'})) == 0;
      }
      int start = lines.position();
      int written = to.write(lines);
      torn = written == 0 ? torn : lines.get(start + written - 1) != '\n';
      if (lines.hasRemaining()) {
        throw new IOException("only a part was written: is the disk full?");
      }
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  /** Creates the file under its name, if it was moved or deleted, and goes on there. */
  void reopen() throws IOException {
    close();
    torn = false;
    var _ = open();
  }

  private FileChannel open() throws IOException {
    FileChannel opened = channel;
    if (opened == null) {
      Path directory = path.getParent();
      if (directory != null) {
        Files.createDirectories(directory);
      }
      opened =
          FileChannel.open(
              path,
              StandardOpenOption.CREATE,
              StandardOpenOption.APPEND,
              LinkOption.NOFOLLOW_LINKS);
      channel = opened;
    }
    return opened;
  }

  /** Closes the file; the next write opens it again. */
  void close() {
    FileChannel opened = channel;
    channel = null;
    if (opened != null) {
      try {
        opened.close();
      } catch (IOException _) {
        // Nothing is lost that write has not told.
      }
    }
  }
}
