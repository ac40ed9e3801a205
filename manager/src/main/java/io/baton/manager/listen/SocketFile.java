package io.baton.manager.listen;

import io.baton.posix.Fd;
import io.baton.posix.OpenFile;
import io.baton.posix.Processes;
import io.baton.posix.ServerSocket;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * A listening Unix socket and its file, which has the name that the kernel, and so {@code ss} and
 * every client, knows it by. It is bound, then gets its permissions, then listens: nobody can
 * connect before they are right. The file of a server of ours that is dead is replaced; one that is
 * served, another user's, or no socket's is not touched. At the end only our own is removed.
 */
public final class SocketFile implements AutoCloseable {
  private static final int S_IFMT = 0xF000;
  private static final int S_IFSOCK = 0xC000;
  private static final int PERMISSIONS = 0777;

  private final Path path;
  private final ServerSocket socket;
  private final Object key;

  private SocketFile(Path path, ServerSocket socket, Object key) {
    this.path = path;
    this.socket = socket;
    this.key = key;
  }

  /**
   * Binds and listens.
   *
   * @param mode permission bits
   * @throws IOException with a line that says why not
   */
  public static SocketFile open(Path path, int backlog, int mode) throws IOException {
    removeStale(path);
    ServerSocket socket = ServerSocket.bindUnix(path, mode);
    Found found = null;
    try {
      found = Found.at(path);
      SocketFile file = new SocketFile(path, socket, found.key);
      if (found.permissions() != mode) { // the umask has taken some away
        file.permit(mode);
      }
      socket.listen(backlog);
      return file;
    } catch (IOException | RuntimeException e) {
      if (found != null) {
        removeIfStill(path, found.key);
      }
      socket.close();
      throw e;
    }
  }

  private static void removeStale(Path path) throws IOException {
    Found found;
    try {
      found = Found.at(path);
    } catch (NoSuchFileException _) {
      return;
    }
    if (!found.isSocket()) {
      throw new IOException("the file there is not a socket; move it away");
    }
    if (ServerSocket.isServed(path)) {
      throw new IOException("another process serves this socket");
    }
    if (found.owner != 0 && found.owner != Processes.effectiveUser()) {
      throw new IOException(
          "a socket of user "
              + found.owner
              + " is there, but no process serves it; remove it if it is not needed");
    }
    removeIfStill(path, found.key); // and if it is another one by now, it is in the way of bind
  }

  private static void removeIfStill(Path path, Object key) {
    try {
      if (Found.at(path).key.equals(key)) {
        Files.delete(path);
      }
    } catch (IOException _) {
      // Somebody has removed it already; that is all we wanted.
    }
  }

  /** What is at a path, itself and not what it may be a link to. */
  private record Found(int owner, int mode, Object key) {
    static Found at(Path path) throws IOException {
      Map<String, Object> found =
          Files.readAttributes(path, "unix:uid,mode,fileKey", LinkOption.NOFOLLOW_LINKS);
      return new Found(
          (Integer) Objects.requireNonNull(found.get("uid")),
          (Integer) Objects.requireNonNull(found.get("mode")),
          Objects.requireNonNull(found.get("fileKey")));
    }

    boolean isSocket() {
      return (mode & S_IFMT) == S_IFSOCK;
    }

    int permissions() {
      return mode & PERMISSIONS;
    }
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

  public ServerSocket socket() {
    return socket;
  }

  public Path path() {
    return path;
  }

  /** Whether a client that connects to the path comes to this socket. */
  public boolean isInPlace() {
    try {
      return Found.at(path).key.equals(key);
    } catch (IOException _) {
      return false;
    }
  }

  /**
   * Changes its permissions.
   *
   * @param mode permission bits
   * @throws IOException if the file at the path is no longer ours, or cannot be changed
   */
  void permit(int mode) throws IOException {
    try (Fd hold = OpenFile.hold(path)) {
      Path held = OpenFile.held(hold);
      if (!key.equals(Files.readAttributes(held, "unix:fileKey").get("fileKey"))) {
        throw new IOException(path + " was replaced by another file");
      }
      Files.setPosixFilePermissions(held, permissions(mode));
    }
  }

  @Override
  public void close() {
    removeIfStill(path, key); // first: then the file's number is still nobody else's
    socket.close();
  }
}
