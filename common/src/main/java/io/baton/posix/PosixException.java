package io.baton.posix;

import java.io.IOException;

/** A system call failed in a way its caller did not ask to handle. */
public final class PosixException extends IOException {
  private static final long serialVersionUID = 1;

  private final int errno;

  public PosixException(String doing, int errno) {
    super(doing + ": " + Errno.describe(errno));
    this.errno = errno;
  }

  public int errno() {
    return errno;
  }

  /** Passes a result on, or throws if it is a negative error number. */
  static int check(String doing, int result) throws PosixException {
    if (result < 0) {
      throw new PosixException(doing, -result);
    }
    return result;
  }
}
