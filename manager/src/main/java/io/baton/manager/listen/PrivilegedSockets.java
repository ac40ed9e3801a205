package io.baton.manager.listen;

import io.baton.config.Settings;
import io.baton.posix.ServerSocket;
import io.baton.service.Endpoint;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** Ports that need root, or a capability of it, and the sockets that root opens there. */
public final class PrivilegedSockets {
  private static final Path FIRST_FOR_ALL =
      Path.of("/proc/sys/net/ipv4/ip_unprivileged_port_start");

  /** Of TCP without that file, and of vsock. */
  private static final int USUAL_FIRST = 1024;

  private static final int MAX_DIGITS = 16;

  private PrivilegedSockets() {}

  /** Returns the first TCP port that all users may open. */
  static int firstForAll() {
    // With one system call: such a file has nothing more for the second.
    try (InputStream file = Files.newInputStream(FIRST_FOR_ALL)) {
      String text = new String(file.readNBytes(MAX_DIGITS), StandardCharsets.US_ASCII);
      return Integer.parseInt(text.strip());
    } catch (IOException | NumberFormatException _) {
      return USUAL_FIRST;
    }
  }

  static boolean isPrivileged(Endpoint endpoint) {
    return switch (endpoint) {
      case Endpoint.Tcp tcp -> tcp.port() < firstForAll();
      case Endpoint.Vsock vsock -> vsock.port() < USUAL_FIRST;
      case Endpoint.Unix _, Endpoint.VsockUnix _ -> false;
    };
  }

  /**
   * Opens those of a server that is about to become another user, as far as it was not started with
   * a socket for them. It logs nothing: log files must not become root's.
   *
   * @return what the server was started with, and these
   * @throws IOException for the first that cannot be opened and is not optional; none is left open
   */
  public static InheritedSockets open(Settings settings, InheritedSockets inherited)
      throws IOException {
    InheritedSockets.Assigned assigned = inherited.assign(settings.listeners());
    Map<Endpoint, ServerSocket> opened = new HashMap<>();
    for (Settings.Listener listener : settings.listeners()) {
      if (!isPrivileged(listener.endpoint()) || assigned.has(listener)) {
        continue;
      }
      try {
        opened.put(listener.endpoint(), open(listener));
      } catch (IOException e) {
        if (!listener.options().socket().optional()) {
          opened.values().forEach(ServerSocket::close);
          throw BindFailure.of(listener, e, Set.of());
        }
      }
    }
    return inherited.with(opened);
  }

  private static ServerSocket open(Settings.Listener listener) throws IOException {
    int backlog = listener.options().socket().backlog();
    return switch (listener.endpoint()) {
      case Endpoint.Tcp tcp -> {
        InetAddress host = BindFailure.resolve(tcp.host());
        long keepaliveMs = listener.options().socket().tcp().keepaliveMs();
        yield ServerSocket.tcp(host, tcp.port(), backlog, keepaliveMs);
      }
      case Endpoint.Vsock vsock -> ServerSocket.vsock(vsock.cid(), vsock.port(), backlog);
      case Endpoint.Unix _, Endpoint.VsockUnix _ -> throw new AssertionError("no port");
    };
  }
}
