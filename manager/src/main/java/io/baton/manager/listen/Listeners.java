package io.baton.manager.listen;

import io.baton.config.Settings;
import io.baton.posix.Epoll;
import io.baton.posix.Errno;
import io.baton.posix.Fd;
import io.baton.posix.PosixException;
import io.baton.posix.ServerSocket;
import io.baton.service.Peer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToLongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All listeners: bound together or not at all, watched while there is room for clients, accepted
 * from in bounded batches so that none starves another.
 *
 * <p>One descriptor is kept in reserve: when the process has no other left, it is what lets a
 * waiting client be accepted and turned away, instead of keeping the listener readable for ever.
 */
public final class Listeners implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Listeners.class);

  /** Takes what a listener gives. */
  public interface Sink {
    /** The descriptor is the sink's now. */
    void accepted(Listener listener, Fd client, Peer peer);

    void turnedAway(Listener listener);
  }

  private final List<Listener> listeners = new ArrayList<>();
  private final Epoll epoll;
  private final IntToLongFunction data;
  private @Nullable Fd reserve;
  private boolean watched;

  /** Not even the reserve is left: nothing is accepted until the next {@link #retry}. */
  private boolean starved;

  /**
   * @param data what epoll is to say of the listener with this index
   */
  public Listeners(List<Settings.Listener> settings, Epoll epoll, IntToLongFunction data) {
    for (Settings.Listener each : settings) {
      listeners.add(new Listener(listeners.size(), each));
    }
    this.epoll = epoll;
    this.data = data;
  }

  /**
   * Binds all. Clients wait in the kernel's backlog until {@link #watch}.
   *
   * @throws IOException for the first that cannot be bound and is not optional; none is left bound
   */
  public void bind() throws IOException {
    try {
      for (Listener listener : listeners) {
        listener.bind();
        ServerSocket socket = listener.socket();
        if (socket == null) {
          log.warn("{}; going on without it, because it is optional", listener.problem());
          continue;
        }
        if (reserve == null) {
          reserve = socket.fd().duplicate();
        }
        epoll.add(socket.fd(), 0, data.applyAsLong(listener.index()));
      }
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  public List<Listener> all() {
    return List.copyOf(listeners);
  }

  /** Whether clients are to be accepted now, or to wait in the backlog. */
  public void watch(boolean room) throws PosixException {
    boolean wanted = room && !starved;
    if (wanted == watched) {
      return;
    }
    watched = wanted;
    for (Listener listener : listeners) {
      ServerSocket socket = listener.socket();
      if (socket != null) {
        epoll.modify(socket.fd(), wanted ? Epoll.IN : 0, data.applyAsLong(listener.index()));
      }
    }
  }

  /** Time has passed: descriptors may be there again. */
  public void retry() {
    starved = false;
  }

  /** Accepts at most so many clients from the listener with this index. */
  public void accept(int index, int max, Sink sink) throws PosixException {
    Listener listener = listeners.get(index);
    ServerSocket socket = listener.socket();
    for (int n = 0; socket != null && n < max; n++) {
      int result = socket.accept();
      if (result == -Errno.EMFILE || result == -Errno.ENFILE) {
        if (!turnAway(listener, socket, sink)) {
          starved = true;
          watch(false);
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
      Peer peer = socket.peer();
      if (peer == null) {
        client.end();
        continue;
      }
      sink.accepted(listener, client, peer);
    }
  }

  /** Uses the reserve to accept a client and turn it away; false if there is no reserve either. */
  private boolean turnAway(Listener listener, ServerSocket socket, Sink sink) {
    if (reserve == null) {
      reserve = tryReserve(socket);
      if (reserve == null) {
        return false;
      }
    }
    reserve.release();
    int result = socket.accept();
    if (result >= 0) {
      Fd.owning(result).end();
      sink.turnedAway(listener);
    }
    reserve = tryReserve(socket);
    return result != -Errno.EMFILE && result != -Errno.ENFILE;
  }

  private static @Nullable Fd tryReserve(ServerSocket socket) {
    try {
      return socket.fd().duplicate();
    } catch (PosixException e) {
      return null; // another thread was quicker; the next round tries again
    }
  }

  /** Lets nobody else in. */
  public void refuseNew() {
    for (Listener listener : listeners) {
      ServerSocket socket = listener.socket();
      if (socket != null) {
        socket.refuseNew();
      }
    }
  }

  /** Accepts all that wait, as many as a backlog holds, then closes. */
  public void sweepAndClose(Sink sink) throws PosixException {
    for (Listener listener : listeners) {
      accept(listener.index(), listener.settings().options().backlog() + 1, sink);
    }
    close();
  }

  /** Closes all that are open; clients that wait are reset. */
  @Override
  public void close() {
    for (Listener listener : listeners) {
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
