package io.baton.manager;

import io.baton.manager.fleet.Effect.Arrival;
import io.baton.manager.process.Keeper;
import io.baton.pipe.Message.Condition;
import io.baton.posix.Fd;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All clients that are the manager's, by the numbers of their handoffs: those that no worker has
 * taken yet, and those that a worker gave back with their state, which is not looked into.
 */
final class Clients implements Keeper {
  /**
   * A client.
   *
   * @param condition as it came
   * @param aside the state, if that is {@link Condition.SavedAside}
   */
  private record Client(Fd descriptor, Condition condition, @Nullable Fd aside) {
    List<Fd> descriptors() {
      return aside == null ? List.of(descriptor) : List.of(descriptor, aside);
    }
  }

  private final Map<Long, Client> clients = new HashMap<>();
  private long last;

  /**
   * Becomes the owner of a client that was just accepted.
   *
   * @return the handoff's number
   */
  long own(Fd client) {
    clients.put(++last, new Client(client, Condition.FRESH, null));
    return last;
  }

  @Override
  public boolean keep(long id, Condition condition, List<Fd> descriptors) {
    if (id < 1 || id > last || clients.containsKey(id)) {
      return false;
    }
    Fd aside = descriptors.size() > 1 ? descriptors.get(1) : null;
    clients.put(id, new Client(descriptors.getFirst(), condition, aside));
    return true;
  }

  /** How the client is to be handed to a worker. */
  Condition condition(long handoff, Arrival as) {
    Condition came = get(handoff).condition;
    boolean returned = as == Arrival.RETURNING;
    return switch (as) {
      case FRESH, BEYOND_LIMIT -> {
        if (!(came instanceof Condition.Fresh)) {
          throw new IllegalStateException("handoff " + handoff + " has a state: " + as);
        }
        yield as == Arrival.FRESH ? Condition.FRESH : Condition.BEYOND_LIMIT;
      }
      case MOVING, RETURNING ->
          switch (came) {
            case Condition.Saved saved ->
                new Condition.Saved(saved.protocol(), saved.state(), returned);
            case Condition.SavedAside saved -> new Condition.SavedAside(saved.protocol(), returned);
            case Condition.Fresh _, Condition.BeyondLimit _ ->
                throw new IllegalStateException("handoff " + handoff + " has no state: " + as);
          };
    };
  }

  /** What goes along with the client: its own descriptor first. They stay ours. */
  List<Fd> descriptors(long handoff) {
    return get(handoff).descriptors();
  }

  /** A worker owns the client now. */
  void release(long handoff) {
    remove(handoff).descriptors().forEach(Fd::release);
  }

  /** Nobody will. */
  void end(long handoff) {
    Client client = remove(handoff);
    client.descriptor.end();
    if (client.aside != null) {
      client.aside.release();
    }
  }

  private Client get(long handoff) {
    return present(clients.get(handoff), handoff);
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
