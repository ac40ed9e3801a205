package io.baton.service;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * An address to listen on or to connect to.
 *
 * <table>
 * <caption>The forms {@link #parse} takes, which are also what it prints as</caption>
 * <tr><td>{@code tcp://127.0.0.1:8080}</td><td>a name, an IPv4 or, in brackets, an IPv6 address</td></tr>
 * <tr><td>{@code unix:///run/baton/echo.sock}</td><td>an absolute path; {@code unix:echo.sock} is a
 * relative one, resolved against the run directory</td></tr>
 * <tr><td>{@code vsock://any:5000}</td><td>a context id ({@code any}, {@code local}, {@code host} or a
 * number) and a 32-bit port</td></tr>
 * <tr><td>{@code vsock+unix:///srv/vm/v.sock?port=5000}</td><td>one virtual machine's vsock port, as
 * Firecracker and Cloud Hypervisor show it to the host: a Unix socket</td></tr>
 * </table>
 */
public sealed interface Endpoint {
  /** What {@link #parse} takes, for messages. */
  String FORMS =
      "tcp://HOST:PORT, unix:///PATH, unix:NAME, vsock://CID:PORT or vsock+unix:///PATH?port=PORT";

  /** TCP; {@code host} is a name or a literal without brackets. */
  record Tcp(String host, int port) implements Endpoint {
    /**
     * Checks it.
     *
     * @throws IllegalArgumentException unless the host is not empty and the port is from 1 to 65535
     */
    public Tcp {
      require(!host.isEmpty(), "a host");
      require(port >= 1 && port <= 65_535, "a port from 1 to 65535");
    }

    @Override
    public String toString() {
      return "tcp://" + (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
  }

  /** A Unix-domain stream socket. */
  record Unix(Path path) implements Endpoint {
    /** What {@code sun_path} holds, its closing NUL not counted. */
    public static final int MAX_PATH_BYTES = 107;

    /**
     * Checks it.
     *
     * @throws IllegalArgumentException unless the path is not empty
     */
    public Unix {
      require(!path.toString().isEmpty(), "a path");
    }

    @Override
    public String toString() {
      return (path.isAbsolute() ? "unix://" : "unix:") + path;
    }
  }

  /** AF_VSOCK; both numbers are unsigned 32-bit. */
  record Vsock(long cid, long port) implements Endpoint {
    /** VMADDR_CID_ANY: whatever the machine's own context id is. */
    public static final long ANY = 0xFFFF_FFFFL;

    /** VMADDR_CID_LOCAL: the machine itself. */
    public static final long LOCAL = 1;

    /** VMADDR_CID_HOST: the host, seen from a guest. */
    public static final long HOST = 2;

    /** The highest port; VMADDR_PORT_ANY is one more. */
    public static final long MAX_PORT = 0xFFFF_FFFEL;

    /**
     * Checks it.
     *
     * @throws IllegalArgumentException unless both numbers are in their range
     */
    public Vsock {
      require(cid >= 0 && cid <= ANY, "a context id of 32 bits");
      require(port >= 0 && port <= MAX_PORT, "a port from 0 to 4294967294");
    }

    @Override
    public String toString() {
      return "vsock://" + cidName(cid) + ":" + port;
    }

    private static String cidName(long cid) {
      if (cid == ANY) {
        return "any";
      }
      return cid == LOCAL ? "local" : cid == HOST ? "host" : Long.toString(cid);
    }
  }

  /**
   * The host's side of one virtual machine's vsock where the monitor makes a Unix socket of it.
   * What the guest connects to, port by port, arrives at sockets beside it.
   *
   * @param socket the monitor's own socket
   * @see <a href="https://github.com/firecracker-microvm/firecracker/blob/main/docs/vsock.md">
   *     Firecracker's vsock</a>
   */
  record VsockUnix(Path socket, long port) implements Endpoint {
    /**
     * Checks it.
     *
     * @throws IllegalArgumentException unless the path is absolute and the port in its range
     */
    public VsockUnix {
      require(socket.isAbsolute(), "an absolute path after vsock+unix://");
      require(port >= 0 && port <= Vsock.MAX_PORT, "a port from 0 to 4294967294");
    }

    /** Where the guest's connections to the port arrive: the socket's path, {@code _}, the port. */
    public Path arrivals() {
      return Path.of(socket + "_" + port);
    }

    @Override
    public String toString() {
      return "vsock+unix://" + socket + "?port=" + port;
    }
  }

  /**
   * Reads an endpoint.
   *
   * @throws IllegalArgumentException with a message that says what is allowed
   */
  static Endpoint parse(String text) {
    if (text.startsWith("tcp://")) {
      int colon = portColon(text, 6);
      String host = text.substring(6, colon);
      if (host.startsWith("[") && host.endsWith("]")) {
        host = host.substring(1, host.length() - 1);
      } else {
        require(host.indexOf(':') < 0, "an IPv6 address in brackets");
      }
      return new Tcp(
          host, (int) number(text.substring(colon + 1), "a port from 1 to 65535", 65_535));
    }
    if (text.startsWith("unix://")) {
      Path path = path(text.substring(7));
      require(
          path.isAbsolute(), "an absolute path after unix:// (or unix:NAME in the run directory)");
      return new Unix(path);
    }
    if (text.startsWith("vsock+unix://")) {
      int port = text.lastIndexOf("?port=");
      require(port >= 0, "vsock+unix:///PATH?port=PORT");
      return new VsockUnix(
          path(text.substring(13, port)),
          number(text.substring(port + 6), "a port from 0 to 4294967294", Vsock.MAX_PORT));
    }
    if (text.startsWith("unix:")) {
      return new Unix(path(text.substring(5)));
    }
    if (text.startsWith("vsock://")) {
      int colon = portColon(text, 8);
      long cid =
          switch (text.substring(8, colon)) {
            case "any" -> Vsock.ANY;
            case "local" -> Vsock.LOCAL;
            case "host" -> Vsock.HOST;
            case String n -> number(n, "any, local, host or a context id of 32 bits", Vsock.ANY);
          };
      return new Vsock(
          cid, number(text.substring(colon + 1), "a port from 0 to 4294967294", Vsock.MAX_PORT));
    }
    throw new IllegalArgumentException(FORMS);
  }

  private static int portColon(String text, int from) {
    int colon = text.lastIndexOf(':');
    require(colon >= from, "a port after the last colon");
    return colon;
  }

  private static Path path(String text) {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("a path that this system can name", e);
    }
  }

  private static long number(String text, String allowed, long max) {
    try {
      require(!text.startsWith("+"), allowed);
      long n = Long.parseUnsignedLong(text);
      require(n >= 0 && n <= max, allowed);
      return n;
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(allowed, e);
    }
  }

  private static void require(boolean holds, String allowed) {
    if (!holds) {
      throw new IllegalArgumentException(allowed);
    }
  }
}
