package io.baton.posix;

import static io.baton.posix.LibC.C;

import java.nio.ByteBuffer;

/** The first bytes of connections, looked at without taking them. Never blocks. Not thread safe. */
public final class Peek {
  private static final int MSG_PEEK = 0x2;
  private static final int MSG_DONTWAIT = 0x40;

  private final Memory memory;

  /**
   * @param max it looks at no more bytes
   */
  public Peek(int max) {
    memory = new Memory(max);
  }

  /**
   * Looks at what a stream socket has received.
   *
   * @return how many bytes there are, up to as many as it may look at, which {@link #bytes} shows;
   *     0 at the end of input; else the negative error number
   */
  public int at(Fd socket) {
    int n =
        LibC.result(
            C.recv(
                socket.number(), memory.pointer, memory.bytes.capacity(), MSG_PEEK | MSG_DONTWAIT));
    memory.bytes.clear().limit(Math.max(0, n));
    return n;
  }

  /** What was seen last. Valid until the next look. */
  public ByteBuffer bytes() {
    return memory.bytes.asReadOnlyBuffer();
  }

  /**
   * Takes so many of the bytes that were seen.
   *
   * @return whether all of them could be
   */
  public boolean take(Fd socket, int bytes) {
    return LibC.result(C.recv(socket.number(), memory.pointer, bytes, MSG_DONTWAIT)) == bytes;
  }
}
