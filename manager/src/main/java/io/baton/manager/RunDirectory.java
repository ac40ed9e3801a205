package io.baton.manager;

import io.baton.posix.PosixException;
import io.baton.posix.Processes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The directory of one running server, ours alone (0700) while we hold its lock, and our working
 * directory. The lock ends with the process, however that ends; the file stays, with the process id
 * of its last holder.
 */
final class RunDirectory implements AutoCloseable {
  private final Path directory;
  private Lock lock;

  /** The file that is locked, and which one it is. */
  private record Lock(FileChannel channel, Object key) {}

  private RunDirectory(Path directory, Lock lock) {
    this.directory = directory;
    this.lock = lock;
  }

  /**
   * Creates what is missing and takes the lock.
   *
   * @throws Failure if it cannot be used or another server holds it
   */
  static RunDirectory take(Path directory) throws Failure {
    return new RunDirectory(directory, claim(directory));
  }

  private static Lock claim(Path directory) throws Failure {
    Directories.takeRun(directory);
    try {
      return lock(directory.resolve("lock"));
    } catch (IOException e) {
      throw new Failure("the run directory " + directory + " cannot be used: " + describe(e), e);
    }
  }

  private static Lock lock(Path file) throws IOException, Failure {
    if (Files.isSymbolicLink(file)) {
      throw new IOException(file + " is a link, and links are not followed there; remove it");
    }
    FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            LinkOption.NOFOLLOW_LINKS);
    FileLock held = channel.tryLock();
    if (held == null) {
      String pid = Files.readString(file).strip();
      channel.close();
      throw alreadyRunning(pid, file);
    }
    channel.truncate(0);
    String pid = ProcessHandle.current().pid() + "\n";
    channel.write(ByteBuffer.wrap(pid.getBytes(StandardCharsets.UTF_8)));
    return new Lock(channel, Objects.requireNonNull(key(file)));
  }

  static Failure alreadyRunning(String pid, Path lock) {
    return new Failure(
        "already running as pid "
            + pid
            + ", which holds "
            + lock
            + "; bin/status shows it, bin/stop ends it");
  }

  private static @Nullable Object key(Path file) {
    try {
      return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
          .fileKey();
    } catch (IOException _) {
      return null; // it is not there
    }
  }

  /**
   * The process that holds the lock of a run directory, if one does. For others than that one: a
   * process that looks at a lock of its own loses it.
   */
  static OptionalInt holder(Path directory) {
    Path file = directory.resolve("lock");
    try (FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
      return channel.tryLock() == null
          ? OptionalInt.of(Integer.parseInt(Files.readString(file).strip()))
          : OptionalInt.empty();
    } catch (IOException | NumberFormatException _) {
      return OptionalInt.empty();
    }
  }

  /**
   * Makes the directory and its lock again if they have vanished.
   *
   * @return whether they had
   * @throws Failure if that cannot be done, as when another server has the place now
   */
  boolean restore() throws Failure {
    if (lock.key.equals(key(directory.resolve("lock")))) {
      return false;
    }
    Lock former = lock;
    lock = claim(directory);
    try {
      former.channel.close();
    } catch (IOException _) {
      // It locked nothing any more.
    }
    return true;
  }

  /**
   * Makes it this process's working directory: where we were started may be deleted some day, and
   * what crashes leaves its dump where it is.
   */
  void enter() throws PosixException {
    Processes.changeDirectory(directory);
  }

  /** What an I/O exception means: most of the file system's carry only a path. */
  static String describe(IOException e) {
    return switch (e) {
      case AccessDeniedException denied -> denied.getFile() + ": permission denied";
      case NoSuchFileException missing ->
          missing.getFile() + ": the file or a directory on its path is missing";
      case FileSystemException fs ->
          fs.getFile()
              + ": "
              + (fs.getReason() == null ? fs.getClass().getSimpleName() : fs.getReason());
      default -> String.valueOf(e.getMessage());
    };
  }

  @Override
  public void close() throws IOException {
    lock.channel.close();
  }
}
