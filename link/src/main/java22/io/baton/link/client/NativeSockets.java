package io.baton.link.client;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * The system calls of Linux that a stream socket needs. A call that a signal interrupts is made
 * again. Each call blocks its platform thread.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/vsock.7.html">vsock(7)</a>
 */
@SuppressWarnings("restricted") // That is what this class is for.
final class NativeSockets {
  static final int AF_UNIX = 1;
  static final int AF_VSOCK = 40;
  static final int SOCKADDR_VM_BYTES = 16;

  private static final int SOCK_STREAM_CLOEXEC = 1 | 0x80000;
  private static final int SHUT_RDWR = 2;
  private static final int MSG_NOSIGNAL = 0x4000;
  private static final int EINTR = 4;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final MemoryLayout STATE = Linker.Option.captureStateLayout();
  private static final long ERRNO =
      STATE.byteOffset(MemoryLayout.PathElement.groupElement("errno"));

  private static final MethodHandle SOCKET = call("socket", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle CONNECT =
      call("connect", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle RECV =
      call("recv", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
  private static final MethodHandle SEND =
      call("send", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
  private static final MethodHandle SHUTDOWN = call("shutdown", JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle CLOSE = call("close", JAVA_INT, JAVA_INT);
  private static final MethodHandle SOCKETPAIR =
      call("socketpair", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS);
  private static final MethodHandle STRERROR =
      LINKER.downcallHandle(find("strerror"), FunctionDescriptor.of(ADDRESS, JAVA_INT));

  private NativeSockets() {}

  /** Returns a descriptor that is connected to a port of a virtual machine. */
  static int connectVsock(long cid, long port) throws IOException {
    int fd = (int) checked("socket(AF_VSOCK)", s -> (int) SOCKET.invoke(s, AF_VSOCK, SOCK_STREAM_CLOEXEC, 0));
    boolean connected = false;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment address = vsockAddress(arena, cid, port);
      checked(
          "connect to vsock " + cid + ":" + port,
          s -> (int) CONNECT.invoke(s, fd, address, SOCKADDR_VM_BYTES));
      connected = true;
      return fd;
    } finally {
      if (!connected) {
        close(fd);
      }
    }
  }

  /** Lays out a struct sockaddr_vm: family, 0, port, cid, and zeros; all in the host's order. */
  static MemorySegment vsockAddress(SegmentAllocator allocator, long cid, long port) {
    MemorySegment address = allocator.allocate(SOCKADDR_VM_BYTES, 4);
    address.set(JAVA_SHORT, 0, (short) AF_VSOCK);
    address.set(JAVA_INT, 4, (int) port);
    address.set(JAVA_INT, 8, (int) cid);
    return address;
  }

  /** Returns two descriptors that are connected with each other. */
  static int[] pair() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment two = arena.allocate(JAVA_INT, 2);
      checked(
          "socketpair", s -> (int) SOCKETPAIR.invoke(s, AF_UNIX, SOCK_STREAM_CLOEXEC, 0, two));
      return two.toArray(JAVA_INT);
    }
  }

  /** Waits for bytes; returns how many were read, 0 at the end of the stream. */
  static int read(int fd, MemorySegment to, long bytes) throws IOException {
    return (int) checked("read", s -> (long) RECV.invoke(s, fd, to, bytes, 0));
  }

  /** Writes some bytes, at least one; returns how many. A lost peer is an error, not a signal. */
  static int write(int fd, MemorySegment from, long bytes) throws IOException {
    return (int) checked("write", s -> (long) SEND.invoke(s, fd, from, bytes, MSG_NOSIGNAL));
  }

  /** Ends both directions, which wakes calls that are blocked; the descriptor stays. */
  static void shutdown(int fd) throws IOException {
    checked("shutdown", s -> (int) SHUTDOWN.invoke(s, fd, SHUT_RDWR));
  }

  /** Gives the descriptor back. It is gone even if this throws, so it is not tried again. */
  static void close(int fd) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      if ((int) CLOSE.invoke(state, fd) < 0) {
        throw failure("close", state.get(JAVA_INT, ERRNO));
      }
    } catch (IOException | RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  private interface Call {
    long apply(MemorySegment state) throws Throwable;
  }

  private static long checked(String what, Call call) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      for (; ; ) {
        long result = call.apply(state);
        if (result >= 0) {
          return result;
        }
        int errno = state.get(JAVA_INT, ERRNO);
        if (errno != EINTR) {
          throw failure(what, errno);
        }
      }
    } catch (IOException | RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError(e); // A system call throws nothing.
    }
  }

  private static IOException failure(String what, int errno) {
    try {
      MemorySegment text = (MemorySegment) STRERROR.invoke(errno);
      return new IOException(
          what + ": " + text.reinterpret(256).getString(0) + " (errno " + errno + ")");
    } catch (Throwable e) {
      return new IOException(what + ": errno " + errno, e);
    }
  }

  private static MethodHandle call(String name, ValueLayout result, MemoryLayout... arguments) {
    return LINKER.downcallHandle(
        find(name),
        FunctionDescriptor.of(result, arguments),
        Linker.Option.captureCallState("errno"));
  }

  private static MemorySegment find(String name) {
    return LINKER
        .defaultLookup()
        .find(name)
        .orElseThrow(() -> new UnsupportedOperationException("vsock:// needs Linux"));
  }
}
