package io.baton.systemtest.vsock;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;

/**
 * A blocking vsock socket, which the JDK has no class for. One thread may write while another
 * reads. A read that takes longer than {@value #TIMEOUT_SECONDS} s fails.
 */
final class Vsock implements AutoCloseable {
  private static final int TIMEOUT_SECONDS = 60;
  private static final int AF_VSOCK = 40;
  private static final int SOCK_STREAM = 1;
  private static final int SOL_SOCKET = 1;
  private static final int SO_RCVTIMEO = 20;
  private static final int SHUT_WR = 1;
  private static final int ECONNRESET = 104;
  private static final int MSG_NOSIGNAL = 0x4000;
  private static final int CHUNK = 64 * 1024;
  private static final long ANY = -1; // VMADDR_CID_ANY

  private static final Linker LINKER = Linker.nativeLinker();
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
  private static final MethodHandle SOCKET =
      function("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle CONNECT =
      function("connect", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle BIND =
      function("bind", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle LISTEN =
      function("listen", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle SETSOCKOPT =
      function(
          "setsockopt",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle SEND =
      function("send", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
  private static final MethodHandle RECV =
      function("recv", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
  private static final MethodHandle SHUTDOWN =
      function("shutdown", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle CLOSE =
      function("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));

  /** The C library says no. */
  private static final class CallFailed extends IOException {
    private static final long serialVersionUID = 1;

    final int errno;

    CallFailed(String what, int errno) {
      super(what + ": errno " + errno);
      this.errno = errno;
    }
  }

  private final int fd;
  private boolean closed;

  private Vsock(int fd) {
    this.fd = fd;
  }

  @SuppressWarnings("restricted") // calling the C library is what this class is for
  private static MethodHandle function(String name, FunctionDescriptor type) {
    return LINKER.downcallHandle(
        LINKER.defaultLookup().findOrThrow(name), type, Linker.Option.captureCallState("errno"));
  }

  /** One call of the C library, given its own first arguments the memory that takes errno. */
  private interface Call {
    long apply(MemorySegment state) throws Throwable;
  }

  private static long check(String what, Arena arena, Call call) throws IOException {
    MemorySegment state = arena.allocate(STATE);
    long result;
    try {
      result = call.apply(state);
    } catch (Throwable e) {
      throw new IllegalStateException(what, e);
    }
    if (result < 0) {
      throw new CallFailed(what, (int) ERRNO.get(state, 0L));
    }
    return result;
  }

  /** Connects; both numbers are unsigned 32-bit. */
  static Vsock connect(long cid, long port) throws IOException {
    return open((socket, arena) -> {
      MemorySegment timeout = arena.allocate(16, 8); // struct timeval
      timeout.set(JAVA_LONG, 0, TIMEOUT_SECONDS);
      check(
          "setsockopt",
          arena,
          state -> (int) SETSOCKOPT.invoke(state, socket, SOL_SOCKET, SO_RCVTIMEO, timeout, 16));
      MemorySegment address = address(arena, cid, port);
      check("connect", arena, state -> (int) CONNECT.invoke(state, socket, address, 16));
    });
  }

  /** Takes a port of all context ids; nobody accepts. */
  static Vsock listen(long port) throws IOException {
    return open((socket, arena) -> {
      MemorySegment address = address(arena, ANY, port);
      check("bind", arena, state -> (int) BIND.invoke(state, socket, address, 16));
      check("listen", arena, state -> (int) LISTEN.invoke(state, socket, 1));
    });
  }

  /** What is done with a socket that is new. */
  private interface Setup {
    void apply(int fd, Arena arena) throws IOException;
  }

  private static Vsock open(Setup setup) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      int fd =
          (int)
              check("socket", arena, state -> (int) SOCKET.invoke(state, AF_VSOCK, SOCK_STREAM, 0));
      Vsock socket = new Vsock(fd);
      try {
        setup.apply(fd, arena);
        return socket;
      } catch (IOException e) {
        socket.close();
        throw e;
      }
    }
  }

  private static MemorySegment address(Arena arena, long cid, long port) {
    MemorySegment address = arena.allocate(16, 8); // struct sockaddr_vm
    address.set(JAVA_SHORT, 0, (short) AF_VSOCK);
    address.set(JAVA_INT, 4, (int) port);
    address.set(JAVA_INT, 8, (int) cid);
    return address;
  }

  void write(byte[] bytes) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment all = arena.allocate(Math.max(1, bytes.length));
      MemorySegment.copy(bytes, 0, all, JAVA_BYTE, 0, bytes.length);
      for (long done = 0; done < bytes.length; ) {
        MemorySegment rest = all.asSlice(done);
        long length = bytes.length - done;
        done +=
            check(
                "send", arena, state -> (long) SEND.invoke(state, fd, rest, length, MSG_NOSIGNAL));
      }
    }
  }

  void write(String text) throws IOException {
    write(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** What is there, at least one byte; nothing at the end. */
  byte[] read(int max) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      int most = Math.min(max, CHUNK);
      MemorySegment buffer = arena.allocate(most);
      int n =
          (int)
              check("recv", arena, state -> (long) RECV.invoke(state, fd, buffer, (long) most, 0));
      return buffer.asSlice(0, n).toArray(JAVA_BYTE);
    }
  }

  byte[] readFully(int length) throws IOException {
    byte[] all = new byte[length];
    for (int n = 0; n < length; ) {
      byte[] some = read(length - n);
      if (some.length == 0) {
        throw new EOFException("after " + n + " of " + length + " bytes");
      }
      System.arraycopy(some, 0, all, n, some.length);
      n += some.length;
    }
    return all;
  }

  /** Whether there is nothing more to read, because the server has closed or is gone. */
  boolean isEnded() throws IOException {
    try {
      return read(1).length == 0;
    } catch (CallFailed e) {
      if (e.errno == ECONNRESET) {
        return true;
      }
      throw e;
    }
  }

  /** Sends something to an echo and takes it back. */
  String echo(String text) throws IOException {
    write(text);
    return new String(readFully(text.length()), StandardCharsets.ISO_8859_1);
  }

  void shutdownOutput() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      check("shutdown", arena, state -> (int) SHUTDOWN.invoke(state, fd, SHUT_WR));
    }
  }

  @Override
  public void close() throws IOException {
    if (!closed) {
      closed = true;
      try (Arena arena = Arena.ofConfined()) {
        check("close", arena, state -> (int) CLOSE.invoke(state, fd));
      }
    }
  }
}
