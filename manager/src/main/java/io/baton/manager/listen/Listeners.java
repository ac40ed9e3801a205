package io.baton.manager.listen;

import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.toUnmodifiableMap;
import static java.util.stream.Collectors.toUnmodifiableSet;

import io.baton.config.Settings;
import io.baton.config.Settings.ProxyProtocol;
import io.baton.manager.fleet.Generation;
import io.baton.posix.DescriptorUse;
import io.baton.posix.Epoll;
import io.baton.posix.Errno;
import io.baton.posix.EventFd;
import io.baton.posix.Fd;
import io.baton.posix.PosixException;
import io.baton.posix.ServerSocket;
import io.baton.service.Endpoint;
import io.baton.service.Peer;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntToLongFunction;
import java.util.function.LongSupplier;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The current generation's listeners: watched while there is room for clients, accepted from in
 * bounded batches so that none starves another.
 *
 * <pre>
 *   prepare: what is new listens ──► switchTo: what stays is kept, with those who wait;
 *                                    what is new is accepted from; what is gone is emptied and closed
 * </pre>
 *
 * <p>One descriptor is kept in reserve: when the process has no other left, it is what lets a
 * waiting client be accepted and turned away, instead of keeping the listener readable for ever.
 *
 * <p>The manager's thread only, but for {@link #prepare}.
 */
public final class Listeners implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Listeners.class);

  /**
   * Clients do not get the last descriptors of this process: with these it starts workers, is
   * deployed and watched.
   */
  private static final int KEPT = 64;

  /** Where there are few, only one in so many of those that are free at first. */
  private static final int KEPT_PART = 4;

  private final Epoll epoll;
  private final IntToLongFunction data;

  /** By number, in the configuration's order. */
  private Map<Integer, Listener> listeners = Map.of();

  /** What is bound, for whoever prepares the next generation. */
  private volatile Map<Endpoint, Bound> bound = Map.of();

  private final InheritedSockets inherited;
  private final Farewell farewell = new Farewell();
  private final Introductions introductions;
  private final int ceiling;
  private @Nullable Fd reserve = tryReserve();
  private boolean watched;

  /** Not even the reserve is left: nothing is accepted until the next {@link #tick}. */
  private boolean starved;

  /**
   * @param data what epoll is to say of the listener with this number
   * @param introduction what epoll is to say of the proxy's connection with this number
   * @param inherited sockets that this process was started with
   * @param nowMs a monotonic clock
   */
  public Listeners(
      Epoll epoll,
      IntToLongFunction data,
      LongUnaryOperator introduction,
      InheritedSockets inherited,
      LongSupplier nowMs) {
    this.inherited = inherited;
    this.epoll = epoll;
    this.data = data;
    this.introductions = new Introductions(epoll, introduction, nowMs);
    this.ceiling = ceiling(DescriptorUse.of(ProcessHandle.current().pid()));
  }

  /** Clients get no descriptor with this number or a higher one. */
  static int ceiling(DescriptorUse use) {
    return use.limit() == 0
        ? Integer.MAX_VALUE
        : use.limit() - Math.clamp((use.limit() - use.open()) / KEPT_PART, 0, KEPT);
  }

  /**
   * Binds what the settings name and is not bound yet, or what no client finds any more because the
   * socket's file is gone. For any thread, one at a time, while the listeners are not switched.
   *
   * @throws IOException for the first that cannot be bound and is not optional; none is left bound
   */
  public Prepared prepare(Settings next) throws IOException {
    return Prepared.open(
        next,
        bound.values().stream()
            .filter(each -> each.problem() == null)
            .map(Bound::endpoint)
            .collect(toUnmodifiableSet()),
        inherited);
  }

  /**
   * Goes over to this generation's listeners. A socket stays as long as any listener has its
   * endpoint, even if that is another one. Those that nobody has any more let nobody else in, and
   * who waits there is accepted before they are closed. Those that this process was started with go
   * on listening wherever else they are, with those who wait.
   *
   * @param prepared for this generation; empty afterwards
   */
  public void switchTo(Generation to, Prepared prepared, Sink sink) throws PosixException {
    Map<Endpoint, Listener> former = new HashMap<>();
    for (Listener listener : listeners.values()) {
      if (listener.isBound()) {
        former.put(listener.settings().endpoint(), listener);
      }
    }
    Map<Integer, Listener> next = new LinkedHashMap<>();
    for (int i = 0; i < to.listeners().size(); i++) {
      Settings.Listener settings = to.settings().listeners().get(i);
      int number = to.listeners().get(i);
      Listener had = prepared.has(settings.endpoint()) ? null : former.remove(settings.endpoint());
      next.put(
          number, had == null ? open(number, settings, prepared) : keep(number, settings, had));
    }
    for (Listener gone : former.values()) {
      closeEmptied(gone, sink);
    }
    prepared.close();
    listeners = next;
    bound =
        next.values().stream()
            .map(Listener::bound)
            .filter(Objects::nonNull)
            .collect(toUnmodifiableMap(Bound::endpoint, each -> each));
  }

  private Listener open(int number, Settings.Listener settings, Prepared prepared)
      throws PosixException {
    Bound socket = prepared.take(settings.endpoint());
    if (socket != null) {
      epoll.add(socket.socket().fd(), watched ? Epoll.IN : 0, data.applyAsLong(number));
    }
    return new Listener(number, settings, socket, prepared.problem(settings.endpoint()));
  }

  private Listener keep(int number, Settings.Listener settings, Listener had)
      throws PosixException {
    Bound socket = requireNonNull(had.bound());
    socket.change(had.settings(), settings);
    epoll.modify(socket.socket().fd(), watched ? Epoll.IN : 0, data.applyAsLong(number));
    return new Listener(number, settings, socket, null);
  }

  private void closeEmptied(Listener listener, Sink sink) throws PosixException {
    ServerSocket socket = listener.socket();
    if (socket != null) {
      socket.refuseNew();
      empty(listener, sink);
      if (socket.isShared()) {
        log.warn(
            "no listener has the inherited socket of {} any more: its clients wait until one has it"
                + " again, or the service manager closes it",
            listener.settings().endpoint());
      }
      unwatch(socket);
      listener.close();
    }
  }

  /** Accepts who waits; at a shared socket they wait for the process that has it next. */
  private void empty(Listener listener, Sink sink) throws PosixException {
    ServerSocket socket = listener.socket();
    if (socket != null && !socket.isShared()) {
      accept(listener, sink, listener.settings().options().socket().backlog() + 1);
    }
  }

  /** In the configuration's order. */
  public List<Listener> all() {
    return List.copyOf(listeners.values());
  }

  /** Whether clients are to be accepted now, or to wait in the backlog. */
  public void watch(boolean room) throws PosixException {
    boolean wanted = room && !starved;
    if (wanted == watched) {
      return;
    }
    watched = wanted;
    for (Listener listener : listeners.values()) {
      ServerSocket socket = listener.socket();
      if (socket != null) {
        epoll.modify(socket.fd(), wanted ? Epoll.IN : 0, data.applyAsLong(listener.number()));
      }
    }
  }

  /** Time has passed: descriptors may be there again, and proxies may be late. */
  public void tick(Sink sink) throws PosixException {
    starved = false;
    introductions.tick(sink);
  }

  /** The proxy's connection with this number has more to say. */
  public void introduced(long number, Sink sink) throws PosixException {
    introductions.ready(number, sink);
  }

  /** Accepts at most so many clients from the listener with this number, if there still is one. */
  public void accept(int number, int max, Sink sink) throws PosixException {
    Listener listener = listeners.get(number);
    if (listener != null) {
      accept(listener, sink, max);
      if (starved) {
        watch(false);
      }
    }
  }

  private void accept(Listener listener, Sink sink, int max) throws PosixException {
    Bound bound = listener.bound();
    for (int n = 0; bound != null && n < max; n++) {
      ServerSocket socket = bound.socket();
      int result = socket.accept();
      if (result == -Errno.EMFILE || result == -Errno.ENFILE) {
        if (!turnAway(listener, socket, sink)) {
          starved = true;
          sink.starved();
          return;
        }
        continue;
      }
      if (result == -Errno.ECONNABORTED || result == -Errno.EINTR) {
        continue; // that client is gone already, the next may not be
      }
      if (result < 0) {
        return; // nobody waits, or the network has a problem that the next round may not meet
      }
      Fd client = Fd.owning(result);
      if (result >= ceiling) { // the kernel gives the lowest number that is free
        turnAway(listener, client, sink);
        continue;
      }
      Peer peer = bound.peer();
      if (peer == null) {
        client.end();
        continue;
      }
      admit(listener, client, peer, sink);
    }
  }

  private void admit(Listener listener, Fd client, Peer peer, Sink sink) throws PosixException {
    ProxyProtocol proxy = listener.settings().options().proxy();
    if (!proxy.isOn()) {
      sink.accepted(listener, client, peer, null);
    } else if (proxy.isProxy(peer)) {
      introductions.begin(listener, client, peer, sink);
    } else {
      switch (proxy.others()) {
        case DIRECT -> sink.accepted(listener, client, peer, null);
        case DENY -> {
          client.end();
          sink.rejected(listener, peer, "not among the proxies in proxy-protocol.from");
        }
      }
    }
  }

  /** Uses the reserve to accept a client and turn it away; false if there is no reserve either. */
  private boolean turnAway(Listener listener, ServerSocket socket, Sink sink) {
    if (reserve == null) {
      reserve = tryReserve();
      if (reserve == null) {
        return false;
      }
    }
    reserve.release();
    int result = socket.accept();
    if (result >= 0) {
      turnAway(listener, Fd.owning(result), sink);
    }
    reserve = tryReserve();
    return result != -Errno.EMFILE && result != -Errno.ENFILE;
  }

  private void turnAway(Listener listener, Fd client, Sink sink) {
    farewell.end(client, listener.settings());
    sink.turnedAway(listener);
  }

  /** Ends a fresh client of the listener with this number, whom nobody can serve. */
  public void turnAway(int number, Fd client) {
    Listener listener = listeners.get(number);
    farewell.end(client, listener == null ? null : listener.settings());
  }

  private static @Nullable Fd tryReserve() {
    try {
      return new EventFd().fd();
    } catch (PosixException e) {
      return null; // another thread was quicker; the next round tries again
    }
  }

  /** Lets nobody else in. */
  public void refuseNew() {
    for (Listener listener : listeners.values()) {
      ServerSocket socket = listener.socket();
      if (socket != null) {
        socket.refuseNew();
      }
    }
  }

  /**
   * Accepts all that wait, as many as a backlog holds, then closes. Who waits at a socket that goes
   * on listening elsewhere goes on waiting there.
   */
  public void sweepAndClose(Sink sink) throws PosixException {
    for (Listener listener : listeners.values()) {
      empty(listener, sink);
    }
    close();
  }

  /** Closes all that are open; clients that wait are reset. */
  @Override
  public void close() {
    introductions.close();
    for (Listener listener : listeners.values()) {
      ServerSocket socket = listener.socket();
      if (socket != null) {
        unwatch(socket);
      }
      listener.close();
    }
    if (reserve != null) {
      reserve.release();
      reserve = null;
    }
  }

  private void unwatch(ServerSocket socket) {
    try {
      epoll.remove(socket.fd());
    } catch (PosixException e) {
      log.debug("a listener that was never watched", e);
    }
  }
}
