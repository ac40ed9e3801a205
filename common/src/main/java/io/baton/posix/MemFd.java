package io.baton.posix;

import static io.baton.posix.LibC.C;
import static io.baton.posix.PosixException.check;

import java.nio.ByteBuffer;

/** Bytes in a sealed memory file: handed over as a descriptor, unchangeable for both sides. */
public final class MemFd {
  private static final int CLOEXEC_SEALING = 0x1 | 0x2;
  private static final int ADD_SEALS = 1033;
  private static final int ALL_SEALS = 0x1 | 0x2 | 0x4 | 0x8;

  private MemFd() {}

  public static Fd sealed(String name, byte[] bytes) throws PosixException {
    return sealed(name, ByteBuffer.wrap(bytes));
  }

  /** As {@link #sealed(String, byte[])}, for what remains in the buffer. */
  public static Fd sealed(String name, ByteBuffer bytes) throws PosixException {
    int length = bytes.remaining();
    Fd fd = Fd.owning(check("memfd_create", LibC.result(C.memfd_create(name, CLOEXEC_SEALING))));
    try {
      Memory memory = new Memory(Math.max(1, length));
      memory.bytes.put(0, bytes, bytes.position(), length);
      int done = 0;
      while (done < length) {
        done +=
            check(
                "write to memfd",
                LibC.result(C.write(fd.number(), memory.pointer.slice(done), length - done)));
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
    Memory memory = new Memory(max + 1);
    int size = 0;
    int n;
    do {
      n =
          check(
              "read memfd",
              LibC.result(C.pread(fd.number(), memory.pointer.slice(size), max + 1 - size, size)));
      size += n;
    } while (n > 0 && size <= max);
    if (size > max) {
      throw new PosixException(
          "read memfd of more than " + max + " bytes",
          jnr.constants.platform.Errno.EFBIG.intValue());
    }
    byte[] bytes = new byte[size];
    memory.bytes.get(0, bytes);
    return bytes;
  }
}
