package io.baton.posix;

import static io.baton.posix.LibC.C;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import jnr.ffi.byref.IntByReference;
import jnr.posix.UnixLibC;
import org.jspecify.annotations.Nullable;

/**
 * A new process by {@code posix_spawn}, in a session of its own, with no signal blocked or ignored,
 * and with the descriptors 0 to 3 alone: 0 is /dev/null, 1 and 2 are ours or a file, 3 is the one
 * given. It begins in a directory that is said, for ours may have been deleted.
 *
 * @param command an absolute path and the arguments
 * @param environment {@code NAME=value} each
 * @param three becomes descriptor 3 of the child; it stays the caller's here
 * @param output what 1 and 2 are appended to, no link; null: they are inherited
 * @param directory its working directory
 */
public record Spawn(
    List<String> command,
    List<String> environment,
    Fd three,
    @Nullable Path output,
    Path directory) {
  private static final int FLAGS = 0x04 | 0x08 | 0x80; // SETSIGDEF, SETSIGMASK, SETSID

  // glibc's posix_spawnattr_t is 336 bytes, posix_spawn_file_actions_t 80, sigset_t 128.
  private static final int OPAQUE = 512;

  /** This process's own environment, to hand on. */
  public static List<String> inheritedEnvironment() {
    return System.getenv().entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).toList();
  }

  /**
   * Starts it.
   *
   * @return the child's process id
   * @throws PosixException with the reason, e.g. ENOENT for a command that is not there
   */
  public int start() throws PosixException {
    UnixLibC libc = (UnixLibC) Processes.NATIVE.libc();
    Memory actions = new Memory(OPAQUE);
    Memory attributes = new Memory(OPAQUE);
    Memory none = new Memory(128);
    Memory all = new Memory(128);
    for (int i = 0; i < 128; i++) {
      all.bytes.put(i, (byte) 0xFF);
    }
    IntByReference pid = new IntByReference();
    check("posix_spawn_file_actions_init", libc.posix_spawn_file_actions_init(actions.pointer));
    check("posix_spawnattr_init", libc.posix_spawnattr_init(attributes.pointer));
    try {
      check(
          "addopen",
          libc.posix_spawn_file_actions_addopen(actions.pointer, 0, text("/dev/null"), 0, 0));
      if (output != null) {
        check(
            "addopen",
            libc.posix_spawn_file_actions_addopen(
                actions.pointer,
                1,
                text(output.toString()),
                OpenFile.APPEND,
                OpenFile.APPEND_MODE));
        check("adddup2", libc.posix_spawn_file_actions_adddup2(actions.pointer, 1, 2));
      }
      check("adddup2", libc.posix_spawn_file_actions_adddup2(actions.pointer, three.number(), 3));
      check(
          "addchdir_np",
          C.posix_spawn_file_actions_addchdir_np(actions.pointer, directory.toString()));
      check("addclosefrom_np", C.posix_spawn_file_actions_addclosefrom_np(actions.pointer, 4));
      check("setsigdefault", libc.posix_spawnattr_setsigdefault(attributes.pointer, all.pointer));
      check("setsigmask", libc.posix_spawnattr_setsigmask(attributes.pointer, none.pointer));
      check("setflags", libc.posix_spawnattr_setflags(attributes.pointer, (short) FLAGS));
      check(
          "posix_spawn " + command.getFirst(),
          libc.posix_spawn(
              pid,
              command.getFirst(),
              actions.pointer,
              attributes.pointer,
              command.toArray(CharSequence[]::new),
              environment.toArray(CharSequence[]::new)));
      return pid.intValue();
    } finally {
      libc.posix_spawnattr_destroy(attributes.pointer);
      libc.posix_spawn_file_actions_destroy(actions.pointer);
      Reference.reachabilityFence(none);
      Reference.reachabilityFence(all);
    }
  }

  private static ByteBuffer text(String text) {
    return ByteBuffer.wrap((text + '\0').getBytes(StandardCharsets.UTF_8));
  }

  /** These calls return the error number itself. */
  private static void check(String doing, int error) throws PosixException {
    if (error != 0) {
      throw new PosixException(doing, error);
    }
  }
}
