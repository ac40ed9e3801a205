package io.baton.posix;

import static io.baton.posix.LibC.C;
import static io.baton.posix.PosixException.check;

import java.nio.file.Path;
import jnr.constants.platform.OpenFlags;

/** Files opened by their own names: a link in the place of one is refused, never followed. */
public final class OpenFile {
  /** What output is appended to. */
  static final int APPEND =
      OpenFlags.O_WRONLY.intValue()
          | OpenFlags.O_CREAT.intValue()
          | OpenFlags.O_APPEND.intValue()
          | OpenFlags.O_NOFOLLOW.intValue();

  static final int APPEND_MODE = 0644;

  private static final int O_PATH = 0x20_0000; // the same on all architectures
  private static final int NAMED_ONLY =
      O_PATH | OpenFlags.O_NOFOLLOW.intValue() | OpenFlags.O_CLOEXEC.intValue();

  private OpenFile() {}

  /** What this process prints is appended to this file from now on. */
  public static void printTo(Path file) throws PosixException {
    try (Fd opened = open(file, APPEND | OpenFlags.O_CLOEXEC.intValue())) {
      check("dup2", LibC.result(C.dup2(opened.number(), 1)));
      check("dup2", LibC.result(C.dup2(opened.number(), 2)));
    }
  }

  /**
   * A hold on what is at the path, of whatever kind: it can be looked at and changed through {@link
   * #held}, even if the name is somebody else's by then.
   */
  public static Fd hold(Path path) throws PosixException {
    return open(path, NAMED_ONLY);
  }

  /** A path that leads to what is held, whatever is called as it was. */
  public static Path held(Fd hold) {
    return Path.of("/proc/self/fd/" + hold.number());
  }

  private static Fd open(Path path, int flags) throws PosixException {
    return Fd.owning(
        check("open " + path, LibC.result(C.open(path.toString(), flags, APPEND_MODE))));
  }
}
