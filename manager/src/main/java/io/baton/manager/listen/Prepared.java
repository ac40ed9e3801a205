package io.baton.manager.listen;

import io.baton.config.Settings;
import io.baton.posix.ServerSocket;
import io.baton.service.Endpoint;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the next generation's listeners need and the current ones do not have: sockets that listen
 * already, but that nobody is accepted from yet.
 */
public final class Prepared implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Prepared.class);

  private final Map<Endpoint, Bound> sockets = new HashMap<>();
  private final Map<Endpoint, String> problems = new HashMap<>();

  private Prepared() {}

  /**
   * Binds all.
   *
   * @param ours endpoints that need no other socket
   * @param inherited sockets that this process was started with
   * @throws IOException for the first that cannot be bound and is not optional; none is left bound
   */
  static Prepared open(Settings next, Set<Endpoint> ours, InheritedSockets inherited)
      throws IOException {
    Prepared prepared = new Prepared();
    InheritedSockets.Assigned assigned = inherited.assign(next.listeners());
    try {
      for (Settings.Listener listener : next.listeners()) {
        if (!ours.contains(listener.endpoint())) {
          prepared.open(listener, ours, assigned.socket(listener));
        }
      }
      return prepared;
    } catch (IOException e) {
      prepared.close();
      throw e;
    }
  }

  private void open(
      Settings.Listener listener, Set<Endpoint> ours, @Nullable ServerSocket inherited)
      throws IOException {
    try {
      sockets.put(listener.endpoint(), Bound.open(listener, ours, inherited));
    } catch (IOException e) {
      if (!listener.options().socket().optional()) {
        throw e;
      }
      problems.put(listener.endpoint(), String.valueOf(e.getMessage()));
      log.warn("{}; going on without it, because it is optional", e.getMessage());
    }
  }

  boolean has(Endpoint endpoint) {
    return sockets.containsKey(endpoint);
  }

  /** The socket, which is the caller's now; null if there is a problem with it. */
  @Nullable Bound take(Endpoint endpoint) {
    return sockets.remove(endpoint);
  }

  @Nullable String problem(Endpoint endpoint) {
    return problems.get(endpoint);
  }

  /** Closes what was not taken. */
  @Override
  public void close() {
    sockets.values().forEach(Bound::close);
    sockets.clear();
  }
}
