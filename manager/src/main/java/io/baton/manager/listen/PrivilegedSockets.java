package io.baton.manager.listen;

import io.baton.config.Settings;
import io.baton.posix.ServerSocket;
import io.baton.service.Endpoint;
import java.io.IOException;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** The sockets that a server opens as root before it becomes another user. */
public final class PrivilegedSockets {
  private PrivilegedSockets() {}

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
      if (!PrivilegedPorts.isPrivileged(listener.endpoint()) || assigned.has(listener)) {
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
