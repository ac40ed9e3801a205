package io.baton.posix;

import static io.baton.posix.LibC.C;
import static io.baton.posix.PosixException.check;

/** Two connected ends, both close-on-exec. */
public record SocketPair(Fd ours, Fd theirs) {
  private static final int AF_UNIX = 1;
  private static final int SOCK_STREAM = 1;
  private static final int SOCK_SEQPACKET = 5;
  private static final int SOCK_CLOEXEC = 0x80000;
  private static final int F_SETFL = 4;
  private static final int O_NONBLOCK = 0x800;

  /** Of SOCK_SEQPACKET. */
  public static SocketPair open() throws PosixException {
    return open(SOCK_SEQPACKET);
  }

  /** Of SOCK_STREAM, as a client and its server have; theirs, the server's, is non-blocking. */
  public static SocketPair stream() throws PosixException {
    SocketPair pair = open(SOCK_STREAM);
    int result = LibC.result(C.fcntl(pair.theirs.number(), F_SETFL, O_NONBLOCK));
    if (result < 0) {
      pair.ours.release();
      pair.theirs.release();
    }
    check("fcntl", result);
    return pair;
  }

  private static SocketPair open(int type) throws PosixException {
    Memory ends = new Memory(8);
    check("socketpair", LibC.result(C.socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends.pointer)));
    return new SocketPair(Fd.owning(ends.bytes.getInt(0)), Fd.owning(ends.bytes.getInt(4)));
  }
}
