package io.baton.posix;

import static io.baton.posix.LibC.C;
import static io.baton.posix.PosixException.check;

/** A connected stream socket for a thread that may wait: for a client of the admin's. */
public final class SocketStream implements AutoCloseable {
  private static final int SOL_SOCKET = 1;
  private static final int SO_RCVTIMEO = 20;
  private static final int F_SETFL = 4;
  private static final int SHUT_WR = 1;
  private static final int MILLIS = 1_000;

  private final Fd fd;

  /**
   * Becomes the owner of the descriptor.
   *
   * @param readTimeoutMs a read that waits longer fails
   */
  public SocketStream(Fd fd, int readTimeoutMs) throws PosixException {
    this.fd = fd;
    Memory timeout = new Memory(16); // struct timeval {seconds, microseconds}
    timeout.bytes.putLong(0, readTimeoutMs / MILLIS);
    timeout.bytes.putLong(8, (long) readTimeoutMs % MILLIS * MILLIS);
    try {
      check("fcntl", LibC.result(C.fcntl(fd.number(), F_SETFL, 0))); // not O_NONBLOCK
      check(
          "setsockopt",
          LibC.result(C.setsockopt(fd.number(), SOL_SOCKET, SO_RCVTIMEO, timeout.pointer, 16)));
    } catch (PosixException e) {
      fd.release();
      throw e;
    }
  }

  /**
   * Reads what is there, waiting for it if there is nothing.
   *
   * @return the bytes, at most so many; none at the end of the stream
   */
  public byte[] read(int max) throws PosixException {
    Memory memory = new Memory(max);
    int n = check("read", LibC.result(C.read(fd.number(), memory.pointer, max)));
    byte[] bytes = new byte[n];
    memory.bytes.get(0, bytes);
    return bytes;
  }

  /** Writes all, waiting for whoever reads it. */
  public void write(byte[] bytes) throws PosixException {
    Memory memory = new Memory(Math.max(1, bytes.length));
    memory.bytes.put(0, bytes);
    int done = 0;
    while (done < bytes.length) {
      done +=
          check(
              "write",
              LibC.result(C.write(fd.number(), memory.pointer.slice(done), bytes.length - done)));
    }
  }

  public void shutdownOutput() {
    C.shutdown(fd.number(), SHUT_WR);
  }

  @Override
  public void close() {
    fd.close();
  }
}
