package io.baton.link.client;

import io.baton.service.Peer;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * A connection over a descriptor of this process that the JDK has no channel for. Its calls block
 * platform threads.
 *
 * <p>{@link #close} shuts the socket down, which ends calls that are blocked. The descriptor itself
 * is given back once no call uses it, so a call never meets a descriptor that is already somebody
 * else's.
 */
final class NativeConnection implements LinkConnection {
  private static final int CHUNK = 32 * 1024;

  private final int fd;
  private final Peer peer;
  private final Arena arena = Arena.ofAuto();
  private final MemorySegment input = arena.allocate(CHUNK);
  private final MemorySegment output = arena.allocate(CHUNK);
  private int calls;
  private boolean closed;

  /** Takes the descriptor over. */
  NativeConnection(int fd, Peer peer) {
    this.fd = fd;
    this.peer = peer;
  }

  @Override
  public int read(ByteBuffer to) throws IOException {
    enter();
    try {
      int n = NativeSockets.read(fd, input, Math.min(to.remaining(), CHUNK));
      to.put(input.asSlice(0, n).asByteBuffer());
      return n == 0 ? -1 : n;
    } finally {
      leave();
    }
  }

  @Override
  public void write(ByteBuffer from) throws IOException {
    enter();
    try {
      while (from.hasRemaining()) {
        int n = Math.min(from.remaining(), CHUNK);
        output.asByteBuffer().put(from.slice(from.position(), n));
        from.position(from.position() + NativeSockets.write(fd, output, n));
      }
    } finally {
      leave();
    }
  }

  @Override
  public Peer peer() {
    return peer;
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      try {
        NativeSockets.shutdown(fd);
      } catch (IOException e) {
        // The other side was faster.
      }
      giveBack();
    }
  }

  private synchronized void enter() throws IOException {
    if (closed) {
      throw new IOException("the connection is closed");
    }
    calls++;
  }

  private synchronized void leave() {
    calls--;
    giveBack();
  }

  private synchronized void giveBack() {
    if (closed && calls == 0) {
      calls = -1;
      LinkConnection.closeQuietly(() -> NativeSockets.close(fd));
    }
  }
}
