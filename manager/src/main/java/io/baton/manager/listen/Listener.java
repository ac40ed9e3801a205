package io.baton.manager.listen;

import io.baton.config.Settings;
import io.baton.posix.Errno;
import io.baton.posix.PosixException;
import io.baton.posix.ServerSocket;
import io.baton.service.Endpoint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/** One listener of the configuration, and the socket it is bound to, if it is. */
public final class Listener {
  private final int index;
  private final Settings.Listener settings;

  private @Nullable ServerSocket socket;
  private @Nullable SocketFile file;
  private @Nullable String problem;

  Listener(int index, Settings.Listener settings) {
    this.index = index;
    this.settings = settings;
  }

  public int index() {
    return index;
  }

  public Settings.Listener settings() {
    return settings;
  }

  /** Null if it is not bound. */
  public @Nullable ServerSocket socket() {
    return socket;
  }

  /** Why an optional listener is not bound; null if it is. */
  public @Nullable String problem() {
    return problem;
  }

  /**
   * Binds and listens.
   *
   * @throws IOException with one line that says which listener, where and why; never for an
   *     optional one, whose {@link #problem} it becomes
   */
  void bind() throws IOException {
    try {
      socket = open();
    } catch (IOException e) {
      String line =
          "listener %s cannot listen on %s: %s%s"
              .formatted(settings.name(), settings.endpoint(), e.getMessage(), hint(e));
      if (!settings.options().optional()) {
        throw new IOException(line, e);
      }
      problem = line;
    }
  }

  private ServerSocket open() throws IOException {
    int backlog = settings.options().backlog();
    long keepaliveMs = settings.options().limits().tcpKeepaliveMs();
    return switch (settings.endpoint()) {
      case Endpoint.Tcp tcp ->
          ServerSocket.tcp(resolve(tcp.host()), tcp.port(), backlog, keepaliveMs);
      case Endpoint.Vsock vsock -> ServerSocket.vsock(vsock.cid(), vsock.port(), backlog);
      case Endpoint.Unix unix -> {
        SocketFile opened = SocketFile.open(unix.path(), backlog, settings.options().mode());
        file = opened;
        yield opened.socket();
      }
    };
  }

  private static InetAddress resolve(String host) throws IOException {
    try {
      return InetAddress.getByName(host);
    } catch (UnknownHostException e) {
      throw new IOException("no address is known for the name " + host, e);
    }
  }

  private String hint(IOException e) {
    if (!(e instanceof PosixException posix)) {
      return "";
    }
    if (posix.errno() == Errno.EADDRINUSE && settings.endpoint() instanceof Endpoint.Tcp tcp) {
      return "; `ss -ltnp sport = :" + tcp.port() + "` shows who has it";
    }
    if (posix.errno() == Errno.EAFNOSUPPORT && settings.endpoint() instanceof Endpoint.Vsock) {
      return "; this machine has no vsock, `optional = true` goes on without this listener";
    }
    return "";
  }

  void close() {
    if (file != null) {
      file.close();
    } else if (socket != null) {
      socket.close();
    }
    socket = null;
    file = null;
  }
}
