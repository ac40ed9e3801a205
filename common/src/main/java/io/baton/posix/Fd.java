package io.baton.posix;

import static io.baton.posix.LibC.C;

/**
 * A descriptor and the duty to close it. There is one owner at any moment; it ends in exactly one
 * of three ways: {@link #end}, {@link #release} or {@link #give}. A second end is our own
 * inconsistency (the number may belong to somebody else by then) and throws.
 *
 * <p>Not thread safe: the owner is one thread.
 */
public final class Fd implements AutoCloseable {
  private static final int SHUT_RDWR = 2;
  private static final int F_DUPFD_CLOEXEC = 1030;

  private int number;

  private Fd(int number) {
    this.number = number;
  }

  /** Takes over a descriptor that nothing else will close. */
  public static Fd owning(int number) {
    if (number < 0) {
      throw new IllegalArgumentException("not a descriptor: " + number);
    }
    return new Fd(number);
  }

  public boolean isOpen() {
    return number >= 0;
  }

  public int number() {
    if (number < 0) {
      throw new IllegalStateException("descriptor is closed or given away");
    }
    return number;
  }

  /** A second descriptor, close-on-exec, for the same thing; an owner of its own. */
  public Fd duplicate() throws PosixException {
    return owning(
        PosixException.check("duplicate", LibC.result(C.fcntl(number(), F_DUPFD_CLOEXEC, 0))));
  }

  /** Ends the connection, for the last owner: while any copy lives, close alone sends no FIN. */
  public void end() {
    int fd = give();
    C.shutdown(fd, SHUT_RDWR);
    C.close(fd);
  }

  /** Closes this copy; the connection goes on wherever another copy is. */
  public void release() {
    C.close(give());
  }

  /** Ownership leaves this object with the number. */
  public int give() {
    int fd = number();
    number = -1;
    return fd;
  }

  /** {@link #release} if still open: for try-with-resources. */
  @Override
  public void close() {
    if (isOpen()) {
      release();
    }
  }

  @Override
  public String toString() {
    return isOpen() ? "fd " + number : "fd closed";
  }
}
