package io.baton.manager.listen;

import io.baton.config.Settings;
import io.baton.posix.Fd;
import io.baton.posix.PosixException;
import io.baton.posix.ServerSocket;
import io.baton.service.Endpoint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Listening sockets that this process was started with (sd_listen_fds(3)): descriptors from 3 on.
 * They stay open as long as this object, so that a listener can have one, lose it in a reload and
 * have it again. A listener works on a copy; the process that made a socket keeps its own.
 *
 * <p>A listener has the socket that is bound to its endpoint. A socket that has the listener's name
 * only needs the same port, and one of all IPv6 addresses that takes IPv4, too, is also that of all
 * IPv4 addresses.
 */
public final class InheritedSockets implements AutoCloseable {
  /** A process without any. */
  public static final InheritedSockets NONE = new InheritedSockets(List.of(), Map.of());

  private static final int FIRST = 3;
  private static final int MAX = 1_024;

  private final List<Inherited> all;

  /** Those that this process has opened itself, as root, each for the first listener there. */
  private final Map<Endpoint, ServerSocket> opened;

  /** How well a socket is a listener's, the best first. */
  private enum Fit {
    SAME_ENDPOINT,
    NAME_AND_PORT,
    DUAL
  }

  /**
   * A socket.
   *
   * @param name that the service manager gave it; empty if none
   * @param endpoint that it is bound to
   * @param dual whether it is an IPv6 socket that takes clients of IPv4
   */
  private record Inherited(int number, String name, Fd fd, Endpoint endpoint, boolean dual) {
    @Nullable Fit fit(Settings.Listener listener) {
      return switch (listener.endpoint()) {
        case Endpoint.Tcp wanted ->
            endpoint instanceof Endpoint.Tcp has ? fit(listener.name(), wanted, has) : null;
        case Endpoint.VsockUnix machine ->
            endpoint instanceof Endpoint.Unix has && has.path().equals(machine.arrivals())
                ? Fit.SAME_ENDPOINT
                : null;
        case Endpoint.Unix _, Endpoint.Vsock _ ->
            endpoint.equals(listener.endpoint()) ? Fit.SAME_ENDPOINT : null;
      };
    }

    private @Nullable Fit fit(String listener, Endpoint.Tcp wanted, Endpoint.Tcp has) {
      if (wanted.port() != has.port()) {
        return null;
      }
      InetAddress address = InetAddress.ofLiteral(has.host());
      InetAddress host = resolved(wanted.host());
      if (address.equals(host)) {
        return Fit.SAME_ENDPOINT;
      }
      if (name.equals(listener)) {
        return Fit.NAME_AND_PORT;
      }
      return dual && host != null && host.isAnyLocalAddress() && address.isAnyLocalAddress()
          ? Fit.DUAL
          : null;
    }

    private static @Nullable InetAddress resolved(String host) {
      try {
        return InetAddress.getByName(host);
      } catch (UnknownHostException _) {
        return null; // binding to it says so
      }
    }

    @Override
    public String toString() {
      return "descriptor " + number + (name.isEmpty() ? "" : " (" + name + ")") + ", " + endpoint;
    }
  }

  private InheritedSockets(List<Inherited> all, Map<Endpoint, ServerSocket> opened) {
    this.all = List.copyOf(all);
    this.opened = new ConcurrentHashMap<>(opened);
  }

  /**
   * Returns these and others, which were opened as root and of which the first listener there
   * becomes the owner.
   */
  InheritedSockets with(Map<Endpoint, ServerSocket> others) {
    return new InheritedSockets(all, others);
  }

  /**
   * Takes those that {@code LISTEN_FDS}, {@code LISTEN_FDNAMES} and {@code LISTEN_PID} speak of;
   * none if another process is meant.
   *
   * @throws IOException with one line that says what is wrong with them
   */
  public static InheritedSockets take(Map<String, String> environment, long pid)
      throws IOException {
    return take(environment, pid, FIRST);
  }

  static InheritedSockets take(Map<String, String> environment, long pid, int first)
      throws IOException {
    String number = environment.get("LISTEN_FDS");
    if (number == null || !Long.toString(pid).equals(environment.get("LISTEN_PID"))) {
      return NONE;
    }
    int n = number.matches("\\d{1,4}") ? Integer.parseInt(number) : -1;
    if (n < 0 || n > MAX) {
      throw new IOException("LISTEN_FDS: found " + number + ", allowed 0 to " + MAX);
    }
    String[] names = environment.getOrDefault("LISTEN_FDNAMES", "").split(":", -1);
    List<Inherited> all = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      all.add(inherited(first + i, names.length == n ? names[i] : ""));
    }
    return new InheritedSockets(all, Map.of());
  }

  private static Inherited inherited(int number, String name) throws IOException {
    String what = "the inherited descriptor " + number + (name.isEmpty() ? "" : " (" + name + ")");
    Fd fd = Fd.owning(number);
    ServerSocket socket;
    try {
      socket = ServerSocket.adopt(fd);
    } catch (PosixException e) {
      throw new IOException(
          what + " cannot be used: " + e.getMessage() + "; allowed are listening stream sockets",
          e);
    }
    Endpoint endpoint = socket.local();
    if (endpoint == null) {
      throw new IOException(
          what + " cannot be used: allowed are sockets of TCP, vsock and Unix sockets with a path");
    }
    return new Inherited(number, name, fd, endpoint, socket.isDual());
  }

  /** Which listener has which socket. */
  static final class Assigned {
    private final Map<String, Inherited> byListener = new HashMap<>();
    private final Set<Inherited> used = new HashSet<>();
    private final Map<Endpoint, ServerSocket> opened;

    private Assigned(Map<Endpoint, ServerSocket> opened) {
      this.opened = opened;
    }

    private void add(Settings.Listener listener, Inherited socket) {
      if (!byListener.containsKey(listener.name()) && used.add(socket)) {
        byListener.put(listener.name(), socket);
      }
    }

    /** Whether there is one that the service manager has opened for this listener. */
    boolean has(Settings.Listener listener) {
      return byListener.containsKey(listener.name());
    }

    /** A copy for this listener, or the one that is opened for it; null if there is neither. */
    @Nullable ServerSocket socket(Settings.Listener listener) throws PosixException {
      Inherited socket = byListener.get(listener.name());
      return socket == null
          ? opened.remove(listener.endpoint())
          : ServerSocket.adopt(socket.fd.duplicate());
    }
  }

  /** Gives each socket to one listener at most. May wait for a name's address. */
  Assigned assign(List<Settings.Listener> listeners) {
    Assigned assigned = new Assigned(opened);
    for (Fit wanted : Fit.values()) {
      for (Settings.Listener listener : listeners) {
        for (Inherited socket : all) {
          if (socket.fit(listener) == wanted) {
            assigned.add(listener, socket);
          }
        }
      }
    }
    return assigned;
  }

  /** The log's lines about those that these listeners use. */
  public List<String> used(List<Settings.Listener> listeners) {
    Assigned assigned = assign(listeners);
    return listeners.stream()
        .map(Settings.Listener::name)
        .filter(assigned.byListener::containsKey)
        .map(name ->
            "listener %s has the inherited %s".formatted(name, assigned.byListener.get(name)))
        .toList();
  }

  /** The log's warnings about those that none of these listeners uses. */
  public List<String> unused(List<Settings.Listener> listeners) {
    Assigned assigned = assign(listeners);
    return all.stream()
        .filter(socket -> !assigned.used.contains(socket))
        .map(InheritedSockets::unused)
        .toList();
  }

  private static String unused(Inherited socket) {
    return "no listener uses the inherited "
        + socket
        + ": its clients wait in vain; give a listener this endpoint, or take the socket away from"
        + " the service manager";
  }

  @Override
  public void close() {
    all.forEach(each -> each.fd.close());
    opened.values().forEach(ServerSocket::close);
  }
}
