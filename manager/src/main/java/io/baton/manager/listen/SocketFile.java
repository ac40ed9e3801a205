package io.baton.manager.listen;

import io.baton.posix.ServerSocket;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.Set;

/**
 * A listening Unix socket and its file. Bound under a temporary name and renamed once it listens
 * with the right permissions, so that no client ever meets a half-made one; a stale file is
 * replaced, a live one is not; at the end only our own file is removed.
 */
final class SocketFile {
  private final Path path;
  private final ServerSocket socket;
  private final Object inode;

  private SocketFile(Path path, ServerSocket socket, Object inode) {
    this.path = path;
    this.socket = socket;
    this.inode = inode;
  }

  static SocketFile open(Path path, int backlog, int mode) throws IOException {
    if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      BasicFileAttributes found =
          Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      if (!found.isOther()) {
        throw new IOException("a file that is no socket is there; move it away");
      }
      if (ServerSocket.isServed(path)) {
        throw new IOException("another process serves this socket");
      }
    }
    Path temporary = temporary(path);
    Files.deleteIfExists(temporary);
    ServerSocket socket = ServerSocket.unix(temporary, backlog);
    try {
      Files.setPosixFilePermissions(temporary, permissions(mode));
      Object inode = inode(temporary);
      Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE);
      return new SocketFile(path, socket, inode);
    } catch (IOException | RuntimeException e) {
      socket.close();
      Files.deleteIfExists(temporary);
      throw e;
    }
  }

  /** Beside the path and no longer than it, for sun_path is short. */
  private static Path temporary(Path path) {
    String name = Objects.requireNonNull(path.getFileName()).toString();
    String first = name.startsWith("~") ? "." : "~";
    return path.resolveSibling(first + name.substring(name.offsetByCodePoints(0, 1)));
  }

  private static Object inode(Path path) throws IOException {
    return Objects.requireNonNull(
        Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS).fileKey());
  }

  private static Set<PosixFilePermission> permissions(int mode) {
    StringBuilder text = new StringBuilder("rwxrwxrwx");
    for (int i = 0; i < text.length(); i++) {
      if ((mode >> (text.length() - 1 - i) & 1) == 0) {
        text.setCharAt(i, '-');
      }
    }
    return PosixFilePermissions.fromString(text.toString());
  }

  ServerSocket socket() {
    return socket;
  }

  /**
   * Changes its permissions.
   *
   * @param mode permission bits
   * @throws IOException if the file at the path is no longer ours, or cannot be changed
   */
  void permit(int mode) throws IOException {
    if (!inode(path).equals(inode)) {
      throw new IOException("somebody has replaced " + path);
    }
    Files.setPosixFilePermissions(path, permissions(mode));
  }

  void close() {
    socket.close();
    try {
      if (inode(path).equals(inode)) {
        Files.delete(path);
      }
    } catch (IOException _) {
      // Somebody has removed it already; that is all we wanted.
    }
  }
}
