package io.baton.manager.fleet;

import io.baton.config.Settings;
import io.baton.pipe.HandoffKind;
import io.baton.pipe.Message;
import io.baton.pipe.PeerKey;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who may come in, by the current generation's settings. A client counts from its accept until it
 * is refused, its worker reports that it has departed, or its worker dies; also while it moves. One
 * beyond a limit does not count; it is handed to a worker all the same, to be told so in its
 * protocol, or to be found to be one that comes back: from then on it counts. A session whose
 * client is away is counted apart and takes no room: a server does not refuse those who come back
 * to it.
 *
 * <p>What a worker of an older generation holds counts for a limit per peer only if that generation
 * had one too: else that worker does not say whose connections end.
 */
final class Limits {

  private enum Breach {
    PEER,
    LISTENER,
    SERVER
  }

  private final Roster roster;
  private final Admission admission;
  private final TurnedAwayLog log;

  /** What is the manager's and counts. */
  private final Census held = new Census();

  /** The same of sessions on their way whose clients are away. */
  private final Census heldAway = new Census();

  Limits(Roster roster, Admission admission) {
    this.roster = roster;
    this.admission = admission;
    this.log = new TurnedAwayLog(roster, "is full", "limited");
  }

  /** Counts the client in, or finds that it is beyond a limit. */
  void accepted(Handoff client) {
    Breach breach = breach(client.listener, client.key);
    if (breach == null) {
      held.add(client.listener, client.key);
    } else {
      client.kind = HandoffKind.BEYOND_LIMIT;
      roster.books.of(client.listener).limited++;
      // Where clients may come back it is not known yet whether this one is not just one of them.
      if (breach == Breach.PEER && !awaitsReturn(client.listener)) {
        admission.offended(client.listener, client.key, 1);
      }
      log.turnedAway(client.listener, () -> describe(breach, client.listener, client.key));
    }
  }

  /**
   * The worker gave one of its connections, or a session's.
   *
   * @return false if it had no such connection
   */
  boolean given(Worker worker, Handoff client) {
    if (client.isBeyondLimit()) {
      return worker.leftBeyondLimit(1);
    }
    Census its = client.isAway() ? worker.awaySessions : worker.connections;
    List<PeerKey> counted = client.counted();
    int removed = 0;
    while (removed < counted.size() && its.remove(client.listener, counted.get(removed))) {
      removed++;
    }
    boolean had = removed == counted.size();
    Census next = had ? held(client) : its;
    counted.subList(0, removed).forEach(each -> next.add(client.listener, each));
    return had;
  }

  private Census held(Handoff client) {
    return client.isAway() ? heldAway : held;
  }

  /** The client is this worker's from now on. */
  void taken(Worker worker, Handoff client) {
    if (client.isBeyondLimit()) {
      worker.tookBeyondLimit();
      return;
    }
    ended(client);
    Census its = client.isAway() ? worker.awaySessions : worker.connections;
    client.counted().forEach(each -> its.add(client.listener, each));
  }

  /** No worker took the client, and none will. */
  void ended(Handoff client) {
    if (client.isBeyondLimit()) {
      return;
    }
    for (PeerKey each : client.counted()) {
      if (!held(client).remove(client.listener, each)) {
        throw new IllegalStateException("client " + client.id + " ends that was never counted");
      }
    }
  }

  /** What a worker has counts otherwise. */
  void recounted(Message.Recounted message) {
    if (message.change() == Message.Change.ADMITTED) {
      roster.books.of(message.listener()).admitted += message.count();
    }
  }

  /** Time has passed. */
  void tick() {
    log.tick();
  }

  /** Connections open now. */
  int open(int listener) {
    int open = held.open(listener);
    for (Worker worker : roster.workers.values()) {
      open += worker.connections.open(listener);
    }
    return open;
  }

  /** Sessions whose clients are away now. */
  int away(int listener) {
    int away = heldAway.open(listener);
    for (Worker worker : roster.workers.values()) {
      away += worker.awaySessions.open(listener);
    }
    return away;
  }

  private int open(int listener, PeerKey peer) {
    int open = held.open(listener, peer);
    for (Worker worker : roster.workers.values()) {
      open += worker.connections.open(listener, peer);
    }
    return open;
  }

  private int total() {
    int total = held.total();
    for (Worker worker : roster.workers.values()) {
      total += worker.connections.total();
    }
    return total;
  }

  private boolean awaitsReturn(int listener) {
    Settings.Listener current = roster.current().listener(listener);
    return current != null && current.options().session().awaits().forMs() > 0;
  }

  private @Nullable Breach breach(int listener, PeerKey peer) {
    Settings.Limits limits = of(listener);
    int ofPeer = limits.maxConnectionsPerPeer();
    if (ofPeer > 0 && open(listener, peer) >= ofPeer) {
      return Breach.PEER;
    }
    int ofListener = limits.maxConnections();
    if (ofListener > 0 && open(listener) >= ofListener) {
      return Breach.LISTENER;
    }
    int ofServer = roster.current().settings().server().maxConnections();
    return ofServer > 0 && total() >= ofServer ? Breach.SERVER : null;
  }

  private String describe(Breach breach, int listener, PeerKey peer) {
    Settings.Limits limits = of(listener);
    String prefix = "baton.listeners." + roster.books.of(listener).listener + ".max-connections";
    return switch (breach) {
      case PEER ->
          "%s-per-peer = %d are open from %s"
              .formatted(prefix, limits.maxConnectionsPerPeer(), peer);
      case LISTENER -> "%s = %d are open".formatted(prefix, limits.maxConnections());
      case SERVER ->
          "baton.max-connections = %d are open on all listeners together"
              .formatted(roster.current().settings().server().maxConnections());
    };
  }

  /** None for a listener that is gone, of which the last clients come in. */
  private Settings.Limits of(int listener) {
    Settings.Listener current = roster.current().listener(listener);
    return current == null ? Settings.Limits.NONE : current.options().limits();
  }
}
