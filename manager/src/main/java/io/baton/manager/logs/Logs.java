package io.baton.manager.logs;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The logs of the manager and of all workers, merged by the times of their entries. Not thread
 * safe.
 */
public final class Logs implements AutoCloseable {
  /** Where the last entries are looked for, in bytes of each log, if no more is asked for. */
  private static final long LAST_BYTES = 128 * 1024;

  private static final Pattern WORKER = Pattern.compile("worker-(\\d{1,3})\\.log");
  private static final Pattern NAME = Pattern.compile("(manager|worker-\\d{1,3})\\.log");

  /**
   * What is wanted of them.
   *
   * @param process whose; empty: all
   * @param level the least important that is shown
   * @param since what is older is not shown
   */
  public record Query(String process, LogEntry.Level level, Instant since) {
    boolean wants(LogEntry entry) {
      return entry.level().compareTo(level) >= 0 && !entry.time().isBefore(since);
    }
  }

  private record Head(LogEntry entry, ProcessLog log) {}

  private final Path directory;
  private final Query query;
  private final Map<Path, ProcessLog> logs = new TreeMap<>();

  /**
   * @param directory the server's log-dir
   */
  public Logs(Path directory, Query query) {
    this.directory = directory;
    this.query = query;
  }

  /** Whether there are any files. */
  public boolean areThere() throws IOException {
    return !files().isEmpty();
  }

  /** Returns the slots whose workers have files, whichever are wanted. */
  public SortedSet<Integer> slots() throws IOException {
    SortedSet<Integer> found = new TreeSet<>();
    for (Path file : files("")) {
      Matcher name = WORKER.matcher(String.valueOf(file.getFileName()));
      if (name.matches()) {
        found.add(Integer.parseInt(name.group(1)));
      }
    }
    return found;
  }

  private List<Path> files() throws IOException {
    return files(query.process());
  }

  private List<Path> files(String process) throws IOException {
    List<Path> found = new ArrayList<>();
    if (Files.isDirectory(directory)) {
      try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*.log")) {
        for (Path file : files) {
          Matcher name = NAME.matcher(String.valueOf(file.getFileName()));
          if (name.matches() && (process.isEmpty() || process.equals(name.group(1)))) {
            found.add(file);
          }
        }
      }
    }
    return found;
  }

  /**
   * Reads what is there, the oldest first.
   *
   * @param last only so many entries, the last ones
   */
  public void read(int last, Consumer<LogEntry> to) throws IOException {
    boolean all = !query.since().equals(Instant.MIN) || query.level() != LogEntry.Level.TRACE;
    PriorityQueue<Head> heads =
        new PriorityQueue<>(Comparator.comparing(head -> head.entry().time()));
    for (Path file : files()) {
      ProcessLog log = new ProcessLog(file);
      logs.put(file, log);
      if (all || last == Integer.MAX_VALUE) {
        log.openSince(query.since());
      } else {
        log.openLast(LAST_BYTES);
      }
      add(log, heads);
    }
    Deque<LogEntry> kept = new ArrayDeque<>();
    for (Head head; (head = heads.poll()) != null; ) {
      if (query.wants(head.entry())) {
        if (last == Integer.MAX_VALUE) {
          to.accept(head.entry());
        } else {
          kept.addLast(head.entry());
        }
      }
      if (kept.size() > last) {
        kept.removeFirst();
      }
      add(head.log(), heads);
    }
    kept.forEach(to);
  }

  private static void add(ProcessLog log, PriorityQueue<Head> heads) throws IOException {
    Optional<LogEntry> next = log.next();
    if (next.isPresent()) {
      heads.add(new Head(next.get(), log));
    }
  }

  /** Reads what has come since the last call, also from workers that are new. */
  public void poll(Consumer<LogEntry> to) throws IOException {
    for (Path file : files()) {
      logs.computeIfAbsent(file, ProcessLog::new);
    }
    List<LogEntry> entries = new ArrayList<>();
    for (ProcessLog log : logs.values()) {
      entries.addAll(log.poll());
    }
    entries.stream().filter(query::wants).sorted(Comparator.comparing(LogEntry::time)).forEach(to);
  }

  @Override
  public void close() throws IOException {
    for (ProcessLog log : logs.values()) {
      log.close();
    }
  }
}
