package io.baton.manager.fleet;

import io.baton.config.Settings;
import io.baton.pipe.PeerKey;
import io.baton.service.Peer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who may come in. A client counts from its accept until it is refused, its worker reports that it
 * has departed, or its worker dies. One beyond a limit does not count; it is handed to a worker all
 * the same, to be told so in its protocol.
 */
final class Limits {

  private enum Breach {
    PEER,
    LISTENER,
    SERVER
  }

  private final List<Settings.Listener> listeners;
  private final int maxConnections;
  private final Census census;
  private final TurnedAwayLog log;
  private final long[] limited;

  Limits(Settings settings, Roster roster) {
    this.listeners = settings.listeners();
    this.maxConnections = settings.maxConnections();
    this.census = new Census(listeners);
    this.log = new TurnedAwayLog(listeners, roster);
    this.limited = new long[listeners.size()];
  }

  /** Whom a client of this listener counts as; null where nothing is limited per peer. */
  @Nullable PeerKey key(int listener, Peer peer) {
    return of(listener).maxConnectionsPerPeer() > 0 ? PeerKey.of(peer) : null;
  }

  /** Counts the client in, or finds that it is beyond a limit. */
  void accepted(Handoff client) {
    Breach breach = breach(client.listener, client.key);
    if (breach == null) {
      census.add(client.listener, client.key);
    } else {
      client.beyondLimit = true;
      limited[client.listener]++;
      log.turnedAway(client.listener, () -> describe(breach, client.listener, client.key));
    }
  }

  /** The client is this worker's from now on. */
  void taken(Worker worker, Handoff client) {
    if (!client.beyondLimit) {
      worker.connections.add(client.listener, client.key);
    }
  }

  /** No worker took the client, and none will. */
  void ended(Handoff client) {
    if (!client.beyondLimit) {
      census.remove(client.listener, client.key, 1);
    }
  }

  /**
   * Connections of this worker have ended.
   *
   * @return false if it had no such connections
   */
  boolean departed(Worker worker, int listener, @Nullable PeerKey key, int count) {
    if (!worker.connections.has(listener, key, count)) {
      return false;
    }
    worker.connections.remove(listener, key, count);
    census.remove(listener, key, count);
    return true;
  }

  /** The worker is dead, and its connections with it. */
  void died(Worker worker) {
    census.removeAll(worker.connections);
  }

  /** Time has passed. */
  void tick() {
    log.tick();
  }

  /** Connections open now. */
  int open(int listener) {
    return census.open(listener);
  }

  /** Clients turned away since the start. */
  long limited(int listener) {
    return limited[listener];
  }

  private @Nullable Breach breach(int listener, @Nullable PeerKey key) {
    if (key != null && census.open(listener, key) >= of(listener).maxConnectionsPerPeer()) {
      return Breach.PEER;
    }
    if (isReached(of(listener).maxConnections(), census.open(listener))) {
      return Breach.LISTENER;
    }
    return isReached(maxConnections, census.total()) ? Breach.SERVER : null;
  }

  private static boolean isReached(int limit, int open) {
    return limit > 0 && open >= limit;
  }

  private String describe(Breach breach, int listener, @Nullable PeerKey key) {
    String prefix = "baton.listeners." + listeners.get(listener).name() + ".max-connections";
    return switch (breach) {
      case PEER ->
          "%s-per-peer = %d are open from %s"
              .formatted(prefix, of(listener).maxConnectionsPerPeer(), key);
      case LISTENER -> "%s = %d are open".formatted(prefix, of(listener).maxConnections());
      case SERVER ->
          "baton.max-connections = %d are open on all listeners together".formatted(maxConnections);
    };
  }

  private Settings.Limits of(int listener) {
    return listeners.get(listener).options().limits();
  }
}
