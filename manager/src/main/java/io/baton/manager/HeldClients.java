package io.baton.manager;

import io.baton.manager.process.HandoffOwner;
import io.baton.pipe.SessionNumbers;
import io.baton.posix.Fd;
import io.baton.service.Peer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The descriptors of all clients that are the manager's, by the numbers of their handoffs: of those
 * that no worker has taken yet, and of those that a worker gave, perhaps with the state of their
 * sessions.
 */
final class HeldClients implements HandoffOwner {
  /**
   * One of them.
   *
   * @param via the proxy that it came through; null if there is none
   * @param descriptors those of its session's connections first, if they are there
   * @param connections how many those are
   */
  private record Client(@Nullable Peer via, List<Fd> descriptors, int connections) {}

  /** By handoff. */
  private final Map<Long, Client> clients = new HashMap<>();

  private long last;

  /**
   * Becomes the owner of a client that was just accepted.
   *
   * @param via the proxy that it came through; null if there is none
   * @return the handoff's number
   */
  long own(Fd client, @Nullable Peer via) {
    clients.put(++last, new Client(via, List.of(client), 1));
    return last;
  }

  /**
   * Numbers begin at a random one from now on, if they have not yet, because they name sessions on
   * several machines.
   */
  void spread(RandomGenerator random) {
    if (!SessionNumbers.isOfCluster(last)) {
      last = SessionNumbers.ofCluster(random);
    }
  }

  /** Returns the number of the client that was accepted last; 0 if none was. */
  long last() {
    return last;
  }

  @Override
  public boolean own(long id, @Nullable Peer via, List<Fd> descriptors, int connections) {
    boolean couldBe = id >= 1 && id <= last && !clients.containsKey(id);
    if (couldBe) {
      clients.put(id, new Client(via, List.copyOf(descriptors), connections));
    }
    return couldBe;
  }

  /**
   * Returns what goes along with the client, its connections' descriptors first. All of it stays
   * ours.
   */
  List<Fd> descriptors(long handoff) {
    return present(clients.get(handoff), handoff).descriptors;
  }

  /** Returns the proxy that the client came through; null if there is none. */
  @Nullable Peer via(long handoff) {
    return present(clients.get(handoff), handoff).via;
  }

  /** A worker owns the client from now on. */
  void release(long handoff) {
    remove(handoff).descriptors.forEach(Fd::release);
  }

  /** Nobody owns the client from now on: it is the caller's, who ends it. It came alone. */
  Fd give(long handoff) {
    List<Fd> descriptors = remove(handoff).descriptors;
    if (descriptors.size() != 1) {
      throw new IllegalStateException("handoff " + handoff + " has a state");
    }
    return descriptors.getFirst();
  }

  /** Ends the client's connections: no worker will own them. */
  void end(long handoff) {
    Client client = remove(handoff);
    client.descriptors.stream().limit(client.connections).forEach(Fd::end);
    client.descriptors.stream().skip(client.connections).forEach(Fd::release);
  }

  private Client remove(long handoff) {
    return present(clients.remove(handoff), handoff);
  }

  private static Client present(@Nullable Client client, long handoff) {
    if (client == null) {
      throw new IllegalStateException("handoff " + handoff + " is not ours");
    }
    return client;
  }
}
