package io.baton.posix;

import static io.baton.posix.LibC.C;
import static io.baton.posix.PosixException.check;

/** Wakes a thread that waits in epoll. {@link #signal} may be called from any thread. */
public final class EventFd implements AutoCloseable {
  private static final int NONBLOCK_CLOEXEC = 0x800 | 0x80000;

  private final Fd fd;
  private final Memory one = new Memory(8);
  private final Memory sink = new Memory(8);

  public EventFd() throws PosixException {
    fd = Fd.owning(check("eventfd", LibC.result(C.eventfd(0, NONBLOCK_CLOEXEC))));
    one.bytes.putLong(0, 1);
  }

  public Fd fd() {
    return fd;
  }

  public synchronized void signal() {
    if (fd.isOpen()) {
      C.write(fd.number(), one.pointer, 8);
    }
  }

  /** Forgets all signals so far. */
  public void clear() {
    C.read(fd.number(), sink.pointer, 8);
  }

  @Override
  public synchronized void close() {
    fd.close();
  }
}
