package io.baton.manager.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where the workers' standard output and error go: to ours, or each to a file that no other living
 * worker writes to. That is {@code worker-SLOT.out}, or {@code worker-SLOT-2.out} and so on while
 * the slot's former worker has not ended. Of each name the last {@value #KEPT} in which there is
 * something are kept, {@code .1} being the latest.
 *
 * <p>The manager's thread only.
 */
public final class WorkerOutputFiles {
  private static final int KEPT = 5;
  private static final int TAIL_BYTES = 16_384;

  private final @Nullable Path logDir;
  private final Set<Path> inUse = new HashSet<>();

  private WorkerOutputFiles(@Nullable Path logDir) {
    this.logDir = logDir;
  }

  /** To files in this directory. */
  public static WorkerOutputFiles files(Path logDir) {
    return new WorkerOutputFiles(logDir);
  }

  /** To where this process's output goes. */
  public static WorkerOutputFiles ours() {
    return new WorkerOutputFiles(null);
  }

  /** A file for a new worker of the slot, in use until it is freed; null for our own output. */
  @Nullable Path take(int slot) {
    if (logDir == null) {
      return null;
    }
    Path file = logDir.resolve("worker-" + slot + ".out");
    for (int n = 2; inUse.contains(file); n++) {
      file = logDir.resolve("worker-" + slot + "-" + n + ".out");
    }
    try {
      Files.createDirectories(logDir); // somebody may have cleaned up
      keep(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    inUse.add(file);
    return file;
  }

  /** Makes room under that name. */
  private static void keep(Path file) throws IOException {
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) && Files.size(file) == 0) {
      Files.delete(file);
      return;
    }
    for (int n = KEPT; n > 1; n--) {
      Path younger = kept(file, n - 1);
      if (Files.exists(younger, LinkOption.NOFOLLOW_LINKS)) {
        Files.move(younger, kept(file, n), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    Files.move(file, kept(file, 1), StandardCopyOption.REPLACE_EXISTING);
  }

  private static Path kept(Path file, int n) {
    return file.resolveSibling(file.getFileName() + "." + n);
  }

  /**
   * Its worker has ended.
   *
   * @return what it printed at last; empty if there is nothing to be had
   */
  String free(@Nullable Path file) {
    if (file == null) {
      return "";
    }
    inUse.remove(file);
    try (var bytes =
        Files.newByteChannel(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
      bytes.position(Math.max(0, bytes.size() - TAIL_BYTES));
      var tail = ByteBuffer.allocate(TAIL_BYTES);
      bytes.read(tail);
      return new String(tail.array(), 0, tail.position(), StandardCharsets.UTF_8);
    } catch (IOException _) {
      return "";
    }
  }
}
