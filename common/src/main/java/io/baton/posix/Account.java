package io.baton.posix;

import static io.baton.posix.LibC.C;
import static io.baton.posix.PosixException.check;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalInt;
import jnr.posix.Group;
import jnr.posix.Passwd;
import org.jspecify.annotations.Nullable;

/**
 * A user of this machine, as the C library knows it.
 *
 * @param group that its processes have
 */
public record Account(String name, int user, int group, String home) {
  private static final Path THREADS = Path.of("/proc/self/task");

  /** Returns the user of this name, with its own group; null if there is none. */
  public static @Nullable Account named(String name) {
    Passwd found = Processes.NATIVE.getpwnam(name);
    return found == null
        ? null
        : new Account(name, (int) found.getUID(), (int) found.getGID(), found.getHome());
  }

  /** Returns the number of the group of this name, if there is one. */
  public static OptionalInt group(String name) {
    Group found = Processes.NATIVE.getgrnam(name);
    return found == null ? OptionalInt.empty() : OptionalInt.of((int) found.getGID());
  }

  /** Returns the same user with another group. */
  public Account withGroup(int other) {
    return new Account(name, user, other, home);
  }

  /** Returns what programs read from the environment about the user that they run as. */
  public Map<String, String> environment() {
    return Map.of("HOME", home, "USER", name, "LOGNAME", name);
  }

  /**
   * Makes this process this user's, for good: all its threads, with the user's groups and without
   * any capability. They are the C library's calls that reach all threads; system calls would
   * change the calling thread only.
   *
   * @throws PosixException if it may not, with nothing or only the groups changed
   * @throws IllegalStateException if a thread has kept its rights; the process must end then
   */
  public void become() throws PosixException {
    check("initgroups for " + name, LibC.result(C.initgroups(name, group)));
    check("setgid for " + name, LibC.result(C.setgid(group)));
    check("setuid for " + name, LibC.result(C.setuid(user)));
    System.setProperty("user.name", name); // which messages about permissions say
    System.setProperty("user.home", home);
    try (DirectoryStream<Path> threads = Files.newDirectoryStream(THREADS)) {
      for (Path thread : threads) {
        checkRights(thread);
      }
    } catch (IOException e) {
      throw new IllegalStateException("the rights of the threads cannot be checked", e);
    }
  }

  /** Compares the real, effective, saved and file system's numbers, as proc(5) has them. */
  private void checkRights(Path thread) throws IOException {
    String users = ("Uid:" + "\t%d".repeat(4)).formatted(user, user, user, user);
    String groups = ("Gid:" + "\t%d".repeat(4)).formatted(group, group, group, group);
    try {
      String status = Files.readString(thread.resolve("status"));
      if (!status.contains(users + "\n") || !status.contains(groups + "\n")) {
        throw new IllegalStateException("thread " + thread + " has not become " + this);
      }
    } catch (NoSuchFileException _) {
      // It has ended.
    }
  }
}
