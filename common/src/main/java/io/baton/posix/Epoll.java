package io.baton.posix;

import static io.baton.posix.LibC.C;
import static io.baton.posix.PosixException.check;

import java.lang.ref.Reference;

/**
 * An epoll set, level-triggered unless an entry says {@link #EDGE}, whose entries carry a number of
 * the caller's. Not thread safe.
 */
public final class Epoll implements AutoCloseable {
  public static final int IN = 0x1;
  public static final int OUT = 0x4;

  /** With others: what is met is told once, until there is more of it. */
  public static final int EDGE = 1 << 31;

  private static final int ADD = 1;
  private static final int DELETE = 2;
  private static final int MODIFY = 3;
  private static final int CLOEXEC = 0x80000;

  // struct epoll_event is packed on x86_64 alone.
  private static final boolean PACKED = "amd64".equals(System.getProperty("os.arch"));
  private static final int SIZE = PACKED ? 12 : 16;
  private static final int DATA = PACKED ? 4 : 8;

  private final Fd epoll;
  private final Memory change = new Memory(16);
  private final Memory events;
  private final int batch;

  /**
   * @param batch at most so many events come from one wait
   */
  public Epoll(int batch) throws PosixException {
    this.batch = batch;
    this.events = new Memory(SIZE * batch);
    this.epoll = Fd.owning(check("epoll_create1", LibC.result(C.epoll_create1(CLOEXEC))));
  }

  public void add(Fd fd, int interest, long data) throws PosixException {
    control(ADD, fd, interest, data);
  }

  public void modify(Fd fd, int interest, long data) throws PosixException {
    control(MODIFY, fd, interest, data);
  }

  /** To be called before the descriptor is closed: while a copy lives, its entry would too. */
  public void remove(Fd fd) throws PosixException {
    control(DELETE, fd, 0, 0);
  }

  private void control(int op, Fd fd, int interest, long data) throws PosixException {
    change.bytes.putInt(0, interest).putLong(DATA, data);
    check("epoll_ctl", LibC.result(C.epoll_ctl(epoll.number(), op, fd.number(), change.pointer)));
  }

  /**
   * Waits for events; {@link #data} and {@link #ready} then tell about each.
   *
   * @return how many there are; 0 when the time is over or a signal came
   */
  public int await(int timeoutMs) throws PosixException {
    try {
      int n = LibC.result(C.epoll_wait(epoll.number(), events.pointer, batch, timeoutMs));
      return n == -Errno.EINTR ? 0 : check("epoll_wait", n);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  public long data(int index) {
    return events.bytes.getLong(index * SIZE + DATA);
  }

  /** The interest that is met; errors and hang-ups count as readable, so that a read tells. */
  public int ready(int index) {
    int bits = events.bytes.getInt(index * SIZE);
    return (bits & OUT) | ((bits & ~OUT) != 0 ? IN : 0);
  }

  @Override
  public void close() {
    epoll.close();
  }
}
