package io.baton.manager;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * The directory of one running server, ours alone (0700) while we hold its lock. The lock ends with
 * the process, however that ends; the file stays, with the process id of its last holder.
 */
final class RunDirectory implements AutoCloseable {
  private final FileChannel lock;

  private RunDirectory(FileChannel lock) {
    this.lock = lock;
  }

  /**
   * Creates what is missing and takes the lock.
   *
   * @throws Failure if it cannot be used or another server holds it
   */
  static RunDirectory take(Path runDir) throws Failure {
    try {
      if (Files.isDirectory(runDir)) {
        Files.setPosixFilePermissions(runDir, PosixFilePermissions.fromString("rwx------"));
      } else {
        Files.createDirectories(runDir.getParent() == null ? runDir : runDir.getParent());
        Files.createDirectory(
            runDir,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      }
      return lock(runDir.resolve("lock"));
    } catch (FileAlreadyExistsException e) {
      throw new Failure("the run directory " + runDir + " cannot be used: it is no directory", e);
    } catch (IOException e) {
      throw new Failure("the run directory " + runDir + " cannot be used: " + describe(e), e);
    }
  }

  private static RunDirectory lock(Path file) throws IOException, Failure {
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    FileLock held = channel.tryLock();
    if (held == null) {
      String pid = Files.readString(file).strip();
      channel.close();
      throw new Failure(
          "already running as pid "
              + pid
              + ", which holds "
              + file
              + "; bin/status shows it, bin/stop ends it");
    }
    channel.truncate(0);
    String pid = ProcessHandle.current().pid() + "\n";
    channel.write(ByteBuffer.wrap(pid.getBytes(StandardCharsets.UTF_8)));
    return new RunDirectory(channel);
  }

  /** What an I/O exception means: most of the file system's carry only a path. */
  static String describe(IOException e) {
    return switch (e) {
      case AccessDeniedException denied -> denied.getFile() + ": permission denied";
      case NoSuchFileException missing ->
          missing.getFile() + ": it, or something on its path, is missing";
      case FileSystemException fs ->
          fs.getFile()
              + ": "
              + (fs.getReason() == null ? fs.getClass().getSimpleName() : fs.getReason());
      default -> String.valueOf(e.getMessage());
    };
  }

  @Override
  public void close() throws IOException {
    lock.close();
  }
}
