package io.baton.manager.logs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * The log of one process or slot: its file, and those that had its name before. After a rotation
 * the former file is still read, because a worker that is being replaced goes on writing there. Not
 * thread safe.
 */
final class ProcessLog implements AutoCloseable {
  /** As many former files as {@code conf/logback.xml} keeps. */
  private static final int FORMER = 3;

  private final Path file;

  /** The oldest first. */
  private final Deque<LogReader> readers = new ArrayDeque<>();

  ProcessLog(Path file) {
    this.file = file;
  }

  /** Opens its files from the beginning, but for those that were last written before a time. */
  void openSince(Instant since) throws IOException {
    for (int age = FORMER; age >= 0; age--) {
      Path each = file(age);
      if (Files.exists(each) && !Files.getLastModifiedTime(each).toInstant().isBefore(since)) {
        open(each);
      }
    }
  }

  /** Opens its files so that the last bytes are read, from one file before at most. */
  void openLast(long bytes) throws IOException {
    long size = Files.exists(file) ? Files.size(file) : 0;
    if (size < bytes && Files.exists(file(1))) {
      open(file(1)).skipToLast(bytes - size);
    }
    if (Files.exists(file)) {
      open(file).skipToLast(bytes);
    }
  }

  private Path file(int age) {
    return age == 0 ? file : file.resolveSibling(file.getFileName() + "." + age);
  }

  private LogReader open(Path path) throws IOException {
    LogReader opened = new LogReader(path);
    readers.addLast(opened);
    return opened;
  }

  /** Returns the next entry of what was there when the files were opened; empty at its end. */
  Optional<LogEntry> next() throws IOException {
    for (LogReader reader : readers) {
      Optional<LogEntry> entry = reader.next();
      if (entry.isPresent()) {
        return entry;
      }
    }
    return Optional.empty();
  }

  /** Returns what has come since the last call, also in a file that has the name now. */
  List<LogEntry> poll() throws IOException {
    boolean rotated = readers.isEmpty() || !readers.getLast().isAt(file);
    List<LogEntry> entries = new ArrayList<>(rest());
    if (rotated) {
      try {
        open(file);
        entries.addAll(rest());
      } catch (NoSuchFileException _) {
        // It is being rotated, or there is nothing to log yet.
      }
    }
    while (readers.size() > 1 + FORMER) {
      readers.removeFirst().close();
    }
    return entries;
  }

  private List<LogEntry> rest() throws IOException {
    List<LogEntry> entries = new ArrayList<>();
    Optional<LogEntry> each = next();
    while (each.isPresent()) {
      entries.add(each.get());
      each = next();
    }
    return entries;
  }

  @Override
  public void close() throws IOException {
    for (LogReader each : readers) {
      each.close();
    }
  }
}
