package io.baton.posix;

import static io.baton.posix.LibC.C;
import static io.baton.posix.PosixException.check;

import io.baton.service.Endpoint;
import io.baton.service.Peer;
import java.lang.ref.Reference;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A non-blocking listening socket of any family and the peers it accepts. Knows no policy and no
 * path handling: binding to a path makes just that file. Not thread safe.
 */
public final class ServerSocket implements AutoCloseable {
  private static final int SOCK_STREAM = 1;
  private static final int SOCK_NONBLOCK_CLOEXEC = 0x800 | 0x80000;
  private static final int SOL_SOCKET = 1;
  private static final int SO_REUSEADDR = 2;
  private static final int SO_KEEPALIVE = 9;
  private static final int SO_PEERCRED = 17;
  private static final int SO_ATTACH_FILTER = 26;
  private static final int SO_TYPE = 3;
  private static final int SO_ACCEPTCONN = 30;
  private static final int SO_DOMAIN = 39;
  private static final int F_SETFL = 4;
  private static final int O_NONBLOCK = 0x800;
  private static final int SHUT_RD = 0;
  private static final int IPPROTO_TCP = 6;
  private static final int TCP_NODELAY = 1;
  private static final int TCP_KEEPIDLE = 4;
  private static final int TCP_KEEPINTVL = 5;
  private static final int TCP_KEEPCNT = 6;
  private static final int TCP_DEFER_ACCEPT = 9;
  private static final int TCP_NOTSENT_LOWAT = 25;
  private static final int IPPROTO_IPV6 = 41;
  private static final int IPV6_V6ONLY = 26;

  /** The kernel takes no longer silence, in seconds. */
  private static final long MAX_KEEPIDLE = 32_767;

  /** Questions without an answer after which the client counts as gone. */
  private static final int KEEPALIVE_PROBES = 5;

  private final int family;
  private final Fd fd;
  private final Address address;
  private final Memory value = new Memory(16);
  private int accepted = -1;

  /** Another process has it, too, and goes on with it when this one has closed it. */
  private final boolean shared;

  /** Takes over a socket that another process has bound. */
  private ServerSocket(Fd fd) throws PosixException {
    this.fd = fd;
    address = new Address();
    shared = true;
    family = get(SOL_SOCKET, SO_DOMAIN);
  }

  private ServerSocket(int family, String what) throws PosixException {
    this.family = family;
    shared = false;
    address = new Address();
    fd =
        Fd.owning(
            check(
                "socket for " + what,
                LibC.result(C.socket(family, SOCK_STREAM | SOCK_NONBLOCK_CLOEXEC, 0))));
  }

  /**
   * Binds to a TCP address. What it accepts has TCP_NODELAY and keepalive set as here: Linux copies
   * both from the listening socket.
   *
   * @param keepaliveMs silence after which the kernel asks whether the client is there, in whole
   *     seconds from 1 to {@value #MAX_KEEPIDLE}; it then asks {@value #KEEPALIVE_PROBES} times, a
   *     tenth of that apart, so that a dead client is noticed after about one and a half times as
   *     long. 0: never
   */
  public static ServerSocket tcp(InetAddress host, int port, int backlog, long keepaliveMs)
      throws PosixException {
    boolean six = host instanceof java.net.Inet6Address;
    ServerSocket socket = new ServerSocket(six ? Address.AF_INET6 : Address.AF_INET, "tcp");
    socket.address.tcp(host, port);
    try {
      socket.set(SOL_SOCKET, SO_REUSEADDR, 1);
      socket.set(IPPROTO_TCP, TCP_NODELAY, 1);
      socket.keepAlive(keepaliveMs);
      if (six) {
        socket.set(IPPROTO_IPV6, IPV6_V6ONLY, 1);
      }
      return socket.bindAndListen(backlog);
    } catch (PosixException e) {
      socket.close();
      throw e;
    }
  }

  /**
   * Binds to a path, which must not exist. Nobody can connect before it is made to {@link #listen}.
   *
   * @param mode permission bits of the file; those that the process's umask takes away are missing
   */
  public static ServerSocket bindUnix(Path path, int mode) throws PosixException {
    ServerSocket socket = new ServerSocket(Address.AF_UNIX, "unix");
    socket.address.unix(path);
    try {
      // The file gets the bits that the socket had before, unix(7) does not say so: af_unix.c does.
      check("fchmod", LibC.result(C.fchmod(socket.fd.number(), mode)));
      socket.bind();
      return socket;
    } catch (PosixException e) {
      socket.close();
      throw e;
    }
  }

  /** Binds to a path, which must not exist, and listens. */
  public static ServerSocket unix(Path path, int backlog) throws PosixException {
    ServerSocket socket = bindUnix(path, 0777);
    try {
      socket.listen(backlog);
      return socket;
    } catch (PosixException e) {
      socket.close();
      throw e;
    }
  }

  /**
   * Takes over a listening stream socket that another process has bound and may give to the next
   * one, too: closing it leaves the clients that wait where they are.
   *
   * @param fd the socket's from now on, unless it is refused
   * @throws PosixException if that is no such socket
   */
  public static ServerSocket adopt(Fd fd) throws PosixException {
    ServerSocket socket = new ServerSocket(fd);
    if (socket.get(SOL_SOCKET, SO_TYPE) != SOCK_STREAM
        || socket.get(SOL_SOCKET, SO_ACCEPTCONN) == 0) {
      throw new PosixException("it is not a stream socket that listens", Errno.EINVAL);
    }
    check("fcntl", LibC.result(C.fcntl(fd.number(), F_SETFL, O_NONBLOCK)));
    if (socket.isTcp()) {
      socket.set(IPPROTO_TCP, TCP_NODELAY, 1);
    }
    return socket;
  }

  /** Binds to a vsock port; EAFNOSUPPORT on a machine without vsock. */
  public static ServerSocket vsock(long cid, long port, int backlog) throws PosixException {
    ServerSocket socket = new ServerSocket(Address.AF_VSOCK, "vsock");
    socket.address.vsock(cid, port);
    return socket.bindAndListen(backlog);
  }

  /**
   * Whether a server accepts connections at this path now: else its file is a stale one.
   *
   * @throws PosixException if that cannot be told, as with a socket that others may not connect to
   */
  public static boolean isServed(Path path) throws PosixException {
    try (ServerSocket probe = new ServerSocket(Address.AF_UNIX, "unix")) {
      probe.address.unix(path);
      int result =
          LibC.result(
              C.connect(probe.fd.number(), probe.address.memory.pointer, probe.address.length()));
      if (result == -Errno.ECONNREFUSED || result == -Errno.ENOENT) {
        return false;
      }
      if (result == -Errno.EAGAIN) {
        return true; // its backlog is full
      }
      check("connecting to see whether it is served", result);
      return true;
    }
  }

  private ServerSocket bindAndListen(int backlog) throws PosixException {
    try {
      bind();
      listen(backlog);
      return this;
    } catch (PosixException e) {
      close();
      throw e;
    }
  }

  private void bind() throws PosixException {
    check("bind", LibC.result(C.bind(fd.number(), address.memory.pointer, address.length())));
  }

  private int get(int level, int name) throws PosixException {
    address.length.bytes.putInt(0, Integer.BYTES);
    check(
        "getsockopt",
        LibC.result(C.getsockopt(fd.number(), level, name, value.pointer, address.length.pointer)));
    return value.bytes.getInt(0);
  }

  private boolean isTcp() {
    return family == Address.AF_INET || family == Address.AF_INET6;
  }

  /**
   * The endpoint that it is bound to; the host of TCP is an address. Null for what no endpoint
   * says: a Unix socket without a path, or another family.
   */
  public @Nullable Endpoint local() throws PosixException {
    address.clear();
    check(
        "getsockname",
        LibC.result(C.getsockname(fd.number(), address.memory.pointer, address.length.pointer)));
    switch (family) {
      case Address.AF_INET, Address.AF_INET6 -> {
        try {
          Peer.Tcp tcp = address.tcpPeer();
          return new Endpoint.Tcp(tcp.address().getHostAddress(), tcp.port());
        } catch (UnknownHostException e) {
          throw new IllegalStateException(e); // only for an illegal length, which ours is not
        }
      }
      case Address.AF_VSOCK -> {
        Peer.Vsock vsock = address.vsockPeer();
        return new Endpoint.Vsock(vsock.cid(), vsock.port());
      }
      case Address.AF_UNIX -> {
        String path = address.unixPath();
        return path.isEmpty() ? null : new Endpoint.Unix(Path.of(path));
      }
      default -> {
        return null;
      }
    }
  }

  /** Whether it is bound to an IPv6 address and takes clients of IPv4, too. */
  public boolean isDual() throws PosixException {
    return family == Address.AF_INET6 && get(IPPROTO_IPV6, IPV6_V6ONLY) == 0;
  }

  /** Whether it goes on listening elsewhere when it is closed here. */
  public boolean isShared() {
    return shared;
  }

  private void set(int level, int name, int to) throws PosixException {
    value.bytes.putInt(0, to);
    check("setsockopt", LibC.result(C.setsockopt(fd.number(), level, name, value.pointer, 4)));
  }

  /**
   * Changes when clients accepted from now on, of a TCP socket, are asked whether they are there.
   *
   * @param ms as for {@link #tcp}
   */
  public void keepAlive(long ms) throws PosixException {
    if (ms > 0) {
      int idleSeconds = (int) Math.clamp((ms + 999) / 1_000, 1, MAX_KEEPIDLE);
      set(IPPROTO_TCP, TCP_KEEPIDLE, idleSeconds);
      set(IPPROTO_TCP, TCP_KEEPINTVL, Math.max(1, idleSeconds / 10));
      set(IPPROTO_TCP, TCP_KEEPCNT, KEEPALIVE_PROBES);
    }
    set(SOL_SOCKET, SO_KEEPALIVE, ms > 0 ? 1 : 0);
  }

  /**
   * Changes when clients of a TCP socket can be accepted: with their first bytes or their end, or,
   * of a client that sends nothing, when the kernel has asked it again for so long, which is
   * between one and three times as long.
   *
   * @param ms in whole seconds, rounded up; 0: as soon as they are connected
   */
  public void deferAccept(long ms) throws PosixException {
    set(IPPROTO_TCP, TCP_DEFER_ACCEPT, (int) ((ms + 999) / 1_000));
  }

  /**
   * Changes how many bytes, of a TCP socket's clients accepted from now on, the kernel takes beyond
   * what it can send at once. What is written behind them waits for less; what the kernel does not
   * take, the caller keeps.
   *
   * @param bytes about so many; 0: as many as its buffer has room for
   */
  public void limitUnsent(int bytes) throws PosixException {
    set(IPPROTO_TCP, TCP_NOTSENT_LOWAT, bytes);
  }

  /** Changes how many clients may wait to be accepted; those that wait go on waiting. */
  public void listen(int backlog) throws PosixException {
    check("listen", LibC.result(C.listen(fd.number(), backlog)));
  }

  public Fd fd() {
    return fd;
  }

  /**
   * Accepts one connection, non-blocking and close-on-exec.
   *
   * @return its descriptor, or a negative error number; EAGAIN if nobody waits
   */
  public int accept() {
    address.clear();
    accepted =
        LibC.result(
            C.accept4(
                fd.number(),
                address.memory.pointer,
                address.length.pointer,
                SOCK_NONBLOCK_CLOEXEC));
    return accepted;
  }

  /** Who was just accepted; null if the kernel no longer knows, because the client is gone. */
  public @Nullable Peer peer() {
    return switch (address.family()) {
      case Address.AF_INET, Address.AF_INET6 -> {
        try {
          yield address.tcpPeer();
        } catch (UnknownHostException e) {
          throw new IllegalStateException(e); // only for an illegal length, which ours is not
        }
      }
      case Address.AF_VSOCK -> address.vsockPeer();
      case Address.AF_UNIX -> credentials();
      default -> null;
    };
  }

  private @Nullable Peer credentials() {
    // struct ucred {pid, uid, gid}
    address.length.bytes.putInt(0, 12);
    int result =
        LibC.result(
            C.getsockopt(accepted, SOL_SOCKET, SO_PEERCRED, value.pointer, address.length.pointer));
    return result < 0 ? null : new Peer.Unix(value.bytes.getInt(0), value.bytes.getInt(4));
  }

  /**
   * The kernel turns new clients away from now on, while those it has already connected can still
   * be accepted: closing alone would reset them. A TCP client's SYN is dropped by a socket filter,
   * so that it tries again and meets a closed port or a new server; a Unix socket refuses. For
   * vsock there is no such means, and the call does nothing. Nobody is made to wait by {@link
   * #deferAccept} any more, but who waits already does so until its first bytes come. Of a {@link
   * #isShared shared} socket nobody is turned away: who waits is the next process's client.
   */
  public void refuseNew() {
    if (shared) {
      return;
    }
    switch (family) {
      case Address.AF_INET, Address.AF_INET6 -> {
        dropSyns();
        try {
          deferAccept(0);
        } catch (PosixException _) {
          // Whoever says nothing goes on waiting.
        }
      }
      case Address.AF_UNIX -> C.shutdown(fd.number(), SHUT_RD);
      default -> {}
    }
  }

  /** Classic BPF over the TCP header: if the SYN bit of byte 13 is set, drop, else pass. */
  private void dropSyns() {
    Memory program = new Memory(4 * 8);
    instruction(program, 0, 0x30, 0, 0, 13);
    instruction(program, 1, 0x45, 0, 1, 0x02);
    instruction(program, 2, 0x06, 0, 0, 0);
    instruction(program, 3, 0x06, 0, 0, -1);
    value.bytes.putLong(0, 4).putLong(8, program.address()); // struct sock_fprog
    try {
      C.setsockopt(fd.number(), SOL_SOCKET, SO_ATTACH_FILTER, value.pointer, 16);
    } finally {
      Reference.reachabilityFence(program);
    }
  }

  private static void instruction(Memory to, int index, int code, int jt, int jf, int k) {
    to.bytes
        .putShort(index * 8, (short) code)
        .put(index * 8 + 2, (byte) jt)
        .put(index * 8 + 3, (byte) jf)
        .putInt(index * 8 + 4, k);
  }

  /** No more connections; those that wait in the backlog are reset. */
  @Override
  public void close() {
    fd.close();
  }
}
