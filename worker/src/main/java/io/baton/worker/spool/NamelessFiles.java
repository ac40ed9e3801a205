package io.baton.worker.spool;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Set;

/**
 * Files of a directory that lose their names at once: nobody finds them, and they end with the
 * process, however it ends. The name that a file has for a moment is one that nobody can guess and
 * that was not there before, so a directory that others may write to is safe, too.
 */
final class NamelessFiles implements Disk {
  private static final Set<OpenOption> NEW =
      Set.of(
          StandardOpenOption.CREATE_NEW,
          StandardOpenOption.READ,
          StandardOpenOption.WRITE,
          LinkOption.NOFOLLOW_LINKS);

  private static final FileAttribute<?> OURS_ALONE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private static final int NAME_BYTES = 16;

  private final Path directory;
  private final SecureRandom random = new SecureRandom();

  NamelessFiles(Path directory) {
    this.directory = directory;
  }

  @Override
  public FileChannel create() throws IOException {
    byte[] name = new byte[NAME_BYTES];
    random.nextBytes(name);
    Path path = directory.resolve("spooled-" + HexFormat.of().formatHex(name));
    FileChannel file = FileChannel.open(path, NEW, OURS_ALONE);
    try {
      Files.delete(path);
    } catch (IOException e) {
      file.close();
      throw e;
    }
    return file;
  }
}
