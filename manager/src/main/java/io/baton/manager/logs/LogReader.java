package io.baton.manager.logs;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A reader of the entries of one log file, also of those that come later, whatever name the file
 * has by then. A line longer than {@value #MAX_LINE} bytes, and an entry of more than {@value
 * #MAX_LINES} lines, are cut into several. Not thread safe.
 */
final class LogReader implements AutoCloseable {
  private static final int MAX_LINE = 64 * 1024;
  private static final int MAX_LINES = 1_000;

  private final FileChannel channel;
  private final InputStream in;
  private final @Nullable Object fileKey;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();

  /** The entry whose lines are being read. */
  private @Nullable LogEntry begun;

  private int lines;

  /** The last entry that was begun. */
  private @Nullable LogEntry last;

  /** Opens a file. A link is not followed, as the one who writes it does not. */
  LogReader(Path file) throws IOException {
    channel = FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
    in = new BufferedInputStream(Channels.newInputStream(channel), MAX_LINE);
    fileKey = key(file);
  }

  private static @Nullable Object key(Path file) throws IOException {
    return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
        .fileKey();
  }

  /** Whether the file still has this name. */
  boolean isAt(Path file) {
    try {
      return fileKey != null && fileKey.equals(key(file));
    } catch (IOException _) {
      return false;
    }
  }

  /** Skips all but the last bytes; to be called before anything is read. */
  void skipToLast(long bytes) throws IOException {
    channel.position(Math.max(0, channel.size() - bytes));
  }

  /** Returns the next entry; empty if there is none yet. */
  Optional<LogEntry> next() throws IOException {
    for (String read; (read = readLine()) != null; ) {
      Optional<LogEntry> begins = LogEntry.begin(read);
      if (begins.isPresent() || begun == null || lines == MAX_LINES) {
        LogEntry whole = begun;
        begun = begins.orElse(last == null ? null : new LogEntry(last.time(), last.level(), read));
        last = begun;
        lines = 1;
        if (whole != null) {
          return Optional.of(whole);
        }
      } else {
        begun = begun.and(read);
        lines++;
      }
    }
    // An entry is written at once, with all of its lines.
    LogEntry whole = begun;
    begun = null;
    return Optional.ofNullable(whole);
  }

  /** Returns the next line; null while there is no whole one. */
  private @Nullable String readLine() throws IOException {
    for (int b; (b = in.read()) >= 0; ) {
      if (b != '\n') {
        line.write(b);
      }
      if (b == '\n' || line.size() == MAX_LINE) {
        String text = line.toString(StandardCharsets.UTF_8);
        line.reset();
        return text;
      }
    }
    return null;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
