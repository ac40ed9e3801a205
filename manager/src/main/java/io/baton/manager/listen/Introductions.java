package io.baton.manager.listen;

import io.baton.manager.listen.ProxyHeader.Complete;
import io.baton.manager.listen.ProxyHeader.Incomplete;
import io.baton.manager.listen.ProxyHeader.Malformed;
import io.baton.posix.Epoll;
import io.baton.posix.Errno;
import io.baton.posix.Fd;
import io.baton.posix.Peek;
import io.baton.posix.PosixException;
import io.baton.service.Peer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongSupplier;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Connections of proxies that have not said yet for whom they are. Of such a connection only the
 * {@link ProxyHeader} is taken: what follows it is the client's and the worker's. Whoever does not
 * say it in time, or says something else, is turned away.
 *
 * <p>At most {@value #MAX}: the one that has waited longest makes room for the next.
 */
final class Introductions implements AutoCloseable {
  static final int MAX = 1_024;

  private record Waiting(Listener listener, Fd connection, Peer proxy, long sinceMs) {
    long timeoutMs() {
      return listener.settings().options().proxy().timeoutMs();
    }

    boolean isLate(long nowMs) {
      return nowMs - sinceMs >= timeoutMs();
    }
  }

  private final Epoll epoll;
  private final LongUnaryOperator data;
  private final LongSupplier nowMs;
  private final Peek peek = new Peek(ProxyHeader.MAX_BYTES);

  /** By a number of their own, in the order in which they came. */
  private final Map<Long, Waiting> all = new LinkedHashMap<>();

  private long last;

  /**
   * @param data what epoll is to say of the connection with this number
   * @param nowMs a monotonic clock
   */
  Introductions(Epoll epoll, LongUnaryOperator data, LongSupplier nowMs) {
    this.epoll = epoll;
    this.data = data;
    this.nowMs = nowMs;
  }

  /** Becomes the owner of a proxy's connection. */
  void begin(Listener listener, Fd connection, Peer proxy, Sink sink) throws PosixException {
    Waiting waiting = new Waiting(listener, connection, proxy, nowMs.getAsLong());
    ProxyHeader header = look(connection);
    if (!(header instanceof Incomplete)) {
      settle(waiting, header, sink); // it was there already, as nearly always
      return;
    }
    if (all.size() >= MAX) {
      Waiting oldest = take(all.keySet().iterator().next());
      reject(oldest, "more than " + MAX + " others have not sent their PROXY headers", sink);
    }
    all.put(++last, waiting);
    epoll.add(connection, Epoll.IN | Epoll.EDGE, data.applyAsLong(last));
  }

  /** More has come, or the end; of one that has gone meanwhile, this is old news. */
  void ready(long number, Sink sink) throws PosixException {
    Waiting waiting = all.get(number);
    if (waiting == null) {
      return;
    }
    ProxyHeader header = look(waiting.connection);
    if (!(header instanceof Incomplete)) {
      settle(take(number), header, sink);
    }
  }

  /** Time has passed. */
  void tick(Sink sink) throws PosixException {
    long now = nowMs.getAsLong();
    List<Long> late =
        all.entrySet().stream()
            .filter(each -> each.getValue().isLate(now))
            .map(Map.Entry::getKey)
            .toList();
    for (long number : late) {
      Waiting waiting = take(number);
      reject(waiting, "no PROXY header within " + waiting.timeoutMs() + " ms", sink);
    }
  }

  private Waiting take(long number) throws PosixException {
    Waiting waiting = Objects.requireNonNull(all.remove(number));
    epoll.remove(waiting.connection);
    return waiting;
  }

  /** Null if the connection has ended, as those do that only look whether somebody listens. */
  private @Nullable ProxyHeader look(Fd connection) {
    int n = peek.at(connection);
    if (n == -Errno.EAGAIN) {
      return new Incomplete(1);
    }
    return n <= 0 ? null : ProxyHeader.parse(peek.bytes());
  }

  private void settle(Waiting waiting, @Nullable ProxyHeader header, Sink sink) {
    switch (header) {
      case null -> waiting.connection.end();
      case Complete(int bytes, Peer.Tcp client) -> {
        if (!peek.take(waiting.connection, bytes)) {
          throw new IllegalStateException("bytes that were there are gone");
        }
        Peer peer = client == null ? waiting.proxy : client;
        sink.accepted(waiting.listener, waiting.connection, peer, waiting.proxy);
      }
      case Malformed(String why) -> reject(waiting, why, sink);
      case Incomplete _ -> throw new IllegalStateException("not settled yet");
    }
  }

  private static void reject(Waiting waiting, String why, Sink sink) {
    waiting.connection.end();
    sink.rejected(waiting.listener, waiting.proxy, why);
  }

  /** Ends all of them. */
  @Override
  public void close() {
    all.values().forEach(each -> each.connection.end());
    all.clear();
  }
}
