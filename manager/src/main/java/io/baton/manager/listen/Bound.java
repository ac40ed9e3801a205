package io.baton.manager.listen;

import io.baton.config.Settings;
import io.baton.posix.PosixException;
import io.baton.posix.ServerSocket;
import io.baton.service.Endpoint;
import io.baton.service.Peer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A socket that listens on an endpoint. It outlives the generations of listeners that it is for one
 * after the other, and the queue of those who wait with it.
 */
final class Bound {
  /**
   * Bytes of Link that may wait in the kernel: a message waits for no more of a stream. On a line
   * of 1 MB/s that is 0.2 s, instead of 1 s for a session-window of 1 MiB.
   */
  private static final int LINK_UNSENT = 128 * 1024;

  private static final Logger log = LoggerFactory.getLogger(Bound.class);

  private final Endpoint endpoint;
  private final ServerSocket socket;
  private final @Nullable SocketFile file;

  private Bound(Endpoint endpoint, ServerSocket socket, @Nullable SocketFile file) {
    this.endpoint = endpoint;
    this.socket = socket;
    this.file = file;
  }

  /**
   * Binds and listens. May wait for a name's address.
   *
   * @param ours endpoints that this server listens on already
   * @param inherited the socket for it that this process was started with; null if there is none
   * @throws IOException with one line that says which listener, where and why
   */
  static Bound open(
      Settings.Listener listener, Set<Endpoint> ours, @Nullable ServerSocket inherited)
      throws IOException {
    Endpoint endpoint = listener.endpoint();
    Settings.SocketOptions options = listener.options().socket();
    try {
      if (inherited != null) {
        return inherited(listener, inherited);
      }
      return switch (endpoint) {
        case Endpoint.Tcp tcp -> tcp(listener, tcp);
        case Endpoint.Vsock vsock ->
            new Bound(
                endpoint, ServerSocket.vsock(vsock.cid(), vsock.port(), options.backlog()), null);
        case Endpoint.Unix unix -> file(endpoint, unix.path(), options);
        case Endpoint.VsockUnix machine -> file(endpoint, machine.arrivals(), options);
      };
    } catch (IOException e) {
      throw BindFailure.of(listener, e, ours);
    }
  }

  private static Bound tcp(Settings.Listener listener, Endpoint.Tcp endpoint) throws IOException {
    Settings.SocketOptions options = listener.options().socket();
    ServerSocket socket =
        ServerSocket.tcp(
            BindFailure.resolve(endpoint.host()),
            endpoint.port(),
            options.backlog(),
            options.tcp().keepaliveMs());
    return accepting(listener, socket);
  }

  /** It listens already, as long as the process that made it wants. */
  private static Bound inherited(Settings.Listener listener, ServerSocket socket)
      throws IOException {
    Settings.SocketOptions options = listener.options().socket();
    try {
      socket.listen(options.backlog());
      if (listener.endpoint() instanceof Endpoint.Tcp) {
        socket.keepAlive(options.tcp().keepaliveMs());
        return accepting(listener, socket);
      }
      return new Bound(listener.endpoint(), socket, null);
    } catch (PosixException e) {
      socket.close();
      throw e;
    }
  }

  private static Bound accepting(Settings.Listener listener, ServerSocket socket)
      throws PosixException {
    try {
      socket.deferAccept(listener.deferAcceptMs());
      socket.limitUnsent(unsent(listener));
    } catch (PosixException e) {
      socket.close();
      throw e;
    }
    return new Bound(listener.endpoint(), socket, null);
  }

  private static int unsent(Settings.Listener listener) {
    return listener.codec().equals("link") ? LINK_UNSENT : 0;
  }

  private static Bound file(Endpoint endpoint, Path path, Settings.SocketOptions options)
      throws IOException {
    SocketFile file = SocketFile.open(path, options.backlog(), options.mode());
    return new Bound(endpoint, file.socket(), file);
  }

  Endpoint endpoint() {
    return endpoint;
  }

  ServerSocket socket() {
    return socket;
  }

  /** Why no client comes here; null if clients do, for all we know. For any thread. */
  @Nullable String problem() {
    return file == null || file.isInPlace()
        ? null
        : "the socket file "
            + file.path()
            + " was removed or replaced, so that no client comes here; bin/reload makes it again";
  }

  /** Who was just accepted; null if the kernel no longer knows. */
  @Nullable Peer peer() {
    Peer peer = socket.peer();
    return endpoint instanceof Endpoint.VsockUnix machine && peer instanceof Peer.Unix monitor
        ? new Peer.VsockUnix(machine.socket(), monitor.pid(), monitor.uid())
        : peer;
  }

  /** Is another listener's from now on, or the same one's with other options. */
  void change(Settings.Listener had, Settings.Listener has) {
    Settings.SocketOptions from = had.options().socket();
    Settings.SocketOptions to = has.options().socket();
    try {
      if (to.backlog() != from.backlog()) {
        socket.listen(to.backlog());
      }
      if (endpoint instanceof Endpoint.Tcp) {
        if (to.tcp().keepaliveMs() != from.tcp().keepaliveMs()) {
          socket.keepAlive(to.tcp().keepaliveMs());
        }
        if (has.deferAcceptMs() != had.deferAcceptMs()) {
          socket.deferAccept(has.deferAcceptMs());
        }
        if (unsent(has) != unsent(had)) {
          socket.limitUnsent(unsent(has));
        }
      }
      if (file != null && to.mode() != from.mode()) {
        file.permit(to.mode());
      }
    } catch (IOException e) {
      log.warn("{} goes on with the options it had: {}", endpoint, e.toString());
    }
  }

  void close() {
    if (file != null) {
      file.close();
    } else {
      socket.close();
    }
  }
}
