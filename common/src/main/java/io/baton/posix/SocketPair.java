package io.baton.posix;

import static io.baton.posix.PosixException.check;

import jnr.posix.POSIX;

/** Two connected SOCK_SEQPACKET ends, both close-on-exec. */
public record SocketPair(Fd ours, Fd theirs) {
  private static final int AF_UNIX = 1;
  private static final int SOCK_SEQPACKET = 5;
  private static final int SOCK_CLOEXEC = 0x80000;

  public static SocketPair open() throws PosixException {
    POSIX posix = Processes.NATIVE;
    int[] ends = new int[2];
    int result = posix.socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends);
    check("socketpair", result < 0 ? -posix.errno() : result);
    return new SocketPair(Fd.owning(ends[0]), Fd.owning(ends[1]));
  }
}
