package io.baton.manager.listen;

import io.baton.config.Settings;
import io.baton.posix.Errno;
import io.baton.posix.PosixException;
import io.baton.service.Endpoint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Set;

/** The line for the operator about a listener that cannot be bound. */
final class BindFailure {
  private BindFailure() {}

  /**
   * Says which listener, where and why, and what can be done.
   *
   * @param ours endpoints that this server listens on already
   */
  static IOException of(Settings.Listener listener, IOException e, Set<Endpoint> ours) {
    Endpoint endpoint = listener.endpoint();
    return new IOException(
        "listener %s cannot listen on %s: %s%s"
            .formatted(listener.name(), endpoint, e.getMessage(), hint(e, endpoint, ours)),
        e);
  }

  /** Finds the address of a name; may wait for it. */
  static InetAddress resolve(String host) throws IOException {
    try {
      return InetAddress.getByName(host);
    } catch (UnknownHostException e) {
      throw new IOException("no address is known for the name " + host, e);
    }
  }

  private static String hint(IOException e, Endpoint endpoint, Set<Endpoint> ours) {
    if (!(e instanceof PosixException posix)) {
      return "";
    }
    if (posix.errno() == Errno.EADDRINUSE && endpoint instanceof Endpoint.Tcp tcp) {
      for (Endpoint each : ours) {
        if (each instanceof Endpoint.Tcp own && own.port() == tcp.port()) {
          return "; this server listens on %s, and keeps it until the new one is bound: restart it for that"
              .formatted(own);
        }
      }
      return "; `ss -ltnp sport = :" + tcp.port() + "` shows who has it";
    }
    if (posix.errno() == Errno.EACCES && PrivilegedPorts.isPrivileged(endpoint)) {
      return "; only root opens ports below %d, when it starts a server with `user`: restart it for that, or give the server CAP_NET_BIND_SERVICE or a socket of systemd"
          .formatted(PrivilegedPorts.firstForAll());
    }
    if (posix.errno() == Errno.EAFNOSUPPORT && endpoint instanceof Endpoint.Vsock) {
      return "; this machine has no vsock, `optional = true` goes on without this listener";
    }
    if (posix.errno() == Errno.EADDRNOTAVAIL && endpoint instanceof Endpoint.Vsock) {
      return "; this machine has no such context id, `any` listens on all that it has";
    }
    return "";
  }
}
