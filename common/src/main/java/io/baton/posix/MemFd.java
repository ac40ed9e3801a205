package io.baton.posix;

import static io.baton.posix.LibC.C;
import static io.baton.posix.PosixException.check;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** Bytes in a sealed memory file: handed over as a descriptor, unchangeable for both sides. */
public final class MemFd {
  private static final int CLOEXEC_SEALING = 0x1 | 0x2;
  private static final int ADD_SEALS = 1033;
  private static final int ALL_SEALS = 0x1 | 0x2 | 0x4 | 0x8;

  /** What goes through native memory at a time, however much there is. */
  private static final int PIECE = 64 * 1024;

  private static final ThreadLocal<Memory> MEMORY =
      ThreadLocal.withInitial(() -> new Memory(PIECE));

  private MemFd() {}

  public static Fd sealed(String name, byte[] bytes) throws PosixException {
    return sealed(name, ByteBuffer.wrap(bytes));
  }

  /** As {@link #sealed(String, byte[])}, for what remains in the buffer. */
  public static Fd sealed(String name, ByteBuffer bytes) throws PosixException {
    int length = bytes.remaining();
    Fd fd = Fd.owning(check("memfd_create", LibC.result(C.memfd_create(name, CLOEXEC_SEALING))));
    try {
      Memory memory = MEMORY.get();
      for (int done = 0; done < length; ) {
        int piece = Math.min(PIECE, length - done);
        memory.bytes.put(0, bytes, bytes.position() + done, piece);
        done += check("write to memfd", LibC.result(C.write(fd.number(), memory.pointer, piece)));
      }
      check("seal memfd", LibC.result(C.fcntl(fd.number(), ADD_SEALS, ALL_SEALS)));
      return fd;
    } catch (PosixException e) {
      fd.release();
      throw e;
    }
  }

  /**
   * Reads all of it, from its start.
   *
   * @throws PosixException EFBIG if there are more than {@code max} bytes
   */
  public static byte[] read(Fd fd, int max) throws PosixException {
    Memory memory = MEMORY.get();
    byte[] bytes = new byte[PIECE];
    int size = 0;
    for (int n = PIECE; n > 0; size += n) {
      n = check("read memfd", LibC.result(C.pread(fd.number(), memory.pointer, PIECE, size)));
      if (n > max - size) {
        throw new PosixException(
            "read memfd of more than " + max + " bytes",
            jnr.constants.platform.Errno.EFBIG.intValue());
      }
      if (n > bytes.length - size) {
        bytes = Arrays.copyOf(bytes, Math.clamp(2L * bytes.length, size + n, max));
      }
      memory.bytes.get(0, bytes, size, n);
    }
    return Arrays.copyOf(bytes, size);
  }
}
