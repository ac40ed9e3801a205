package io.baton.manager;

import io.baton.posix.Account;
import io.baton.posix.Fd;
import io.baton.posix.OpenFile;
import io.baton.posix.Processes;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The rules for directories that the server writes to: whose they have to be and who else may write
 * there. In a directory of somebody else's, that one decides what our files are: a server of root's
 * would overwrite and run whatever it is given.
 */
final class Directories {
  private static final int ROOT = 0;
  private static final int S_IFMT = 0xF000;
  private static final int S_IFDIR = 0x4000;
  private static final int S_IFLNK = 0xA000;
  private static final int OTHERS_WRITE = 02;
  private static final int GROUP_WRITE = 020;
  private static final int STICKY = 01000;

  private Directories() {}

  /**
   * Makes the run directory if it is missing, and for nobody but us (0700).
   *
   * @throws Failure if it cannot be used, with the reason; it is as it was then
   */
  static void takeRun(Path directory) throws Failure {
    try {
      if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
        Path parent = directory.getParent();
        if (parent != null) {
          Files.createDirectories(parent);
        }
        createOurs(directory);
      }
      Found found = Found.behindOurLinks(directory);
      int us = Processes.effectiveUser();
      if (found.owner != us) {
        throw new IOException(
            "it belongs to user %d, and must belong to user %d, the user of this server"
                .formatted(found.owner, us));
      }
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
    } catch (IOException e) {
      throw new Failure(
          "the run directory " + directory + " cannot be used: " + RunDirectory.describe(e), e);
    }
  }

  /**
   * Makes a directory for another user, as root, if it is missing and what is above belongs to root
   * alone. Elsewhere that user makes it later: others could put something of their own in its place
   * before it is handed over.
   *
   * @param permissions as in {@code rwx------}
   */
  static void makeFor(Account account, Path directory, String permissions) throws IOException {
    if (Files.exists(directory, LinkOption.NOFOLLOW_LINKS) || !isRootsAlone(parents(directory))) {
      return;
    }
    Files.createDirectories(Objects.requireNonNull(directory.getParent()));
    Files.createDirectory(
        directory,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions)));
    try (Fd made = OpenFile.hold(directory)) {
      Files.setAttribute(OpenFile.held(made), "unix:gid", account.group());
      Files.setAttribute(OpenFile.held(made), "unix:uid", account.user());
    }
  }

  /** Returns the directories above that exist. */
  private static List<Path> parents(Path directory) {
    List<Path> parents = new ArrayList<>();
    for (Path each = directory.getParent(); each != null; each = each.getParent()) {
      if (Files.exists(each, LinkOption.NOFOLLOW_LINKS)) {
        parents.add(each);
      }
    }
    return parents;
  }

  /** Whether nobody else can rename what is in them; in a sticky one, as /tmp, nobody can. */
  private static boolean isRootsAlone(List<Path> directories) throws IOException {
    for (Path each : directories) {
      Found found = Found.at(each);
      boolean writable = (found.mode & (OTHERS_WRITE | GROUP_WRITE)) != 0;
      if (found.owner != ROOT || (writable && (found.mode & STICKY) == 0)) {
        return false;
      }
    }
    return true;
  }

  private static void createOurs(Path directory) throws IOException {
    try {
      Files.createDirectory(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } catch (FileAlreadyExistsException _) {
      // Somebody was quicker: it is looked at as any that is there.
    }
  }

  /**
   * Makes the log directory if it is missing.
   *
   * @throws Failure if it cannot be used, with the reason
   */
  static void takeLog(Path directory) throws Failure {
    try {
      if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
        Files.createDirectories(directory);
      }
      Found found = Found.behindOurLinks(directory);
      int us = Processes.effectiveUser();
      if (found.owner != us && found.owner != ROOT) {
        throw new IOException(
            "it belongs to user %d, and must belong to root or to user %d, the user of this server"
                .formatted(found.owner, us));
      }
      if ((found.mode & OTHERS_WRITE) != 0) {
        throw new IOException("all users may write there (chmod o-w fixes that)");
      }
      requireWritable(directory);
    } catch (IOException e) {
      throw new Failure(
          "the log directory " + directory + " cannot be used: " + RunDirectory.describe(e), e);
    }
  }

  /** What logs could not be written to would be missed much later. */
  private static void requireWritable(Path directory) throws IOException {
    if (!Files.isWritable(directory)) {
      throw new IOException(notWritable(directory));
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*.{log,out}")) {
      for (Path file : files) {
        if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) && !Files.isWritable(file)) {
          throw new IOException(notWritable(file));
        }
      }
    }
  }

  private static String notWritable(Path path) {
    return "user %s may not write to %s (chown fixes that)"
        .formatted(System.getProperty("user.name"), path);
  }

  /** What is at a path. */
  private record Found(int owner, int mode) {
    private static Found at(Path path, LinkOption... options) throws IOException {
      Map<String, Object> found = Files.readAttributes(path, "unix:uid,mode", options);
      return new Found(
          (Integer) Objects.requireNonNull(found.get("uid")),
          (Integer) Objects.requireNonNull(found.get("mode")));
    }

    /** The directory there. A link that somebody else has made may not choose it for us. */
    static Found behindOurLinks(Path path) throws IOException {
      Found found = at(path, LinkOption.NOFOLLOW_LINKS);
      if (found.is(S_IFLNK)) {
        int us = Processes.effectiveUser();
        if (found.owner != us && found.owner != ROOT) {
          throw new IOException(
              "it is a link that belongs to user %d; only a link of root or of user %d is followed"
                  .formatted(found.owner, us));
        }
        try {
          found = at(path);
        } catch (NoSuchFileException _) {
          throw new IOException(
              "it is a link to " + Files.readSymbolicLink(path) + ", which does not exist");
        }
      }
      if (!found.is(S_IFDIR)) {
        throw new IOException("it is not a directory");
      }
      return found;
    }

    private boolean is(int kind) {
      return (mode & S_IFMT) == kind;
    }
  }
}
