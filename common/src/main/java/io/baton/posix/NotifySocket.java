package io.baton.posix;

import static io.baton.posix.LibC.C;
import static io.baton.posix.PosixException.check;

import java.nio.charset.StandardCharsets;

/**
 * The datagram socket on which a service manager is told about a service (sd_notify(3), {@code
 * $NOTIFY_SOCKET}). For one thread at a time.
 */
public final class NotifySocket implements AutoCloseable {
  private static final int SOCK_DGRAM_CLOEXEC = 2 | 0x80000;
  private static final int SOL_SOCKET = 1;
  private static final int SO_SNDTIMEO = 21;
  private static final int MSG_NOSIGNAL = 0x4000;

  /** A message waits for so long where the service manager reads none, in seconds. */
  private static final long MAX_WAIT_S = 2;

  private static final int MAX_BYTES = 4_096;

  private final Fd fd;

  private NotifySocket(Fd fd) {
    this.fd = fd;
  }

  /**
   * Connects.
   *
   * @param name an absolute path, or {@code @} and a name in the abstract namespace
   * @throws PosixException if nobody reads there
   * @throws IllegalArgumentException for another kind of name
   */
  public static NotifySocket connect(String name) throws PosixException {
    if (!name.startsWith("/") && !name.startsWith("@")) {
      throw new IllegalArgumentException("found " + name + ", allowed an absolute path or @NAME");
    }
    Address address = new Address();
    address.unixOrAbstract(name);
    Fd fd =
        Fd.owning(
            check(
                "socket for unix", LibC.result(C.socket(Address.AF_UNIX, SOCK_DGRAM_CLOEXEC, 0))));
    try {
      Memory timeout = new Memory(16); // struct timeval
      timeout.bytes.putLong(0, MAX_WAIT_S).putLong(8, 0);
      check(
          "setsockopt",
          LibC.result(C.setsockopt(fd.number(), SOL_SOCKET, SO_SNDTIMEO, timeout.pointer, 16)));
      check(
          "connect to " + name,
          LibC.result(C.connect(fd.number(), address.memory.pointer, address.length())));
      return new NotifySocket(fd);
    } catch (PosixException e) {
      fd.close();
      throw e;
    }
  }

  /**
   * Sends one message; waits at most {@value #MAX_WAIT_S} seconds for room.
   *
   * @param text lines of {@code NAME=value}; what is beyond {@value #MAX_BYTES} bytes is cut off
   */
  public void send(String text) throws PosixException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int length = Math.min(bytes.length, MAX_BYTES);
    Memory memory = new Memory(MAX_BYTES);
    memory.bytes.put(0, bytes, 0, length);
    check("send", LibC.result(C.send(fd.number(), memory.pointer, length, MSG_NOSIGNAL)));
  }

  @Override
  public void close() {
    fd.close();
  }
}
