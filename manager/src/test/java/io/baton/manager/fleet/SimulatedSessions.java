package io.baton.manager.fleet;

import static io.baton.manager.fleet.SimulatedWorld.must;

import io.baton.manager.fleet.FleetView.Searches;
import io.baton.pipe.HandoffKind;
import io.baton.pipe.HandoffKind.Search;
import io.baton.pipe.HandoffKind.Unserved;
import io.baton.pipe.Message;
import io.baton.pipe.Message.Change;
import io.baton.pipe.Refusal;
import io.baton.service.SessionKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * The sessions with keys of a simulated world: where each of them is, who seeks one, and what must
 * hold of the search:
 *
 * <ul>
 *   <li>A session is at exactly one worker, or in one handoff, or gone.
 *   <li>NOWHERE is said only of a session that is gone.
 *   <li>A worker that does not have it is asked once, until it moves.
 *   <li>No connection seeks for longer than {@code handoff-timeout}, unless a worker has it.
 *   <li>All that sought have found, heard that it is nowhere or unknown, or seek still.
 *   <li>A session whose client is away counts as that once, wherever it moves, and ends once; so
 *       the sums of connections, and of what is away, are right after every step.
 *   <li>The connections of a session are given and taken together, and each of them counts.
 *   <li>A worker that leaves is not told to end before its sessions that are away have moved or
 *       ended.
 * </ul>
 */
final class SimulatedSessions {
  /** What is wrong if the search is. */
  static final String TOLD_NOWHERE = "told NOWHERE of a session that is there";

  /** Between two looks of the fleet at its clock. */
  private static final long TICK_MS = 200;

  private final SimulatedWorld world;
  private final Random random;
  private final List<SimulatedSession> living = new ArrayList<>();
  private final List<SessionKey> gone = new ArrayList<>();

  /** By session: how often it was given and taken, as the manager has heard. */
  private final Map<SessionKey, Integer> moves = new HashMap<>();

  private long lastKey;
  private long sought;
  private long found;

  SimulatedSessions(SimulatedWorld world, Random random) {
    this.world = world;
    this.random = random;
  }

  // In the workers.

  /** A client that was just taken, and is not to go on with anything, may begin one. */
  void begin(SimulatedWorker process, SimulatedClient client) {
    if (client.session == null && random.nextInt(3) > 0) {
      SessionKey key = new SessionKey(((long) process.slot << 56) | ++lastKey, 0);
      SimulatedSession session = new SimulatedSession(key, client);
      client.session = session;
      living.add(session);
      process.sessions.put(key, session);
    }
  }

  /** The worker has taken the connection that the session is on. */
  void arrive(SimulatedWorker process, SimulatedClient client) {
    SimulatedSession session = client.session;
    if (session != null) {
      session.inHandoff = false;
      process.sessions.put(session.key, session);
    }
  }

  /** The worker gives the connection that the session is on. */
  void leave(SimulatedWorker process, SimulatedClient client) {
    SimulatedSession session = client.session;
    if (session != null) {
      process.sessions.remove(session.key);
      session.frozen = false;
      session.inHandoff = true;
    }
  }

  /** The connection has ended, or nobody knows its session any more. */
  void end(SimulatedClient client) {
    SimulatedSession session = client.session;
    if (session != null && !session.gone) {
      session.gone = true;
      session.inHandoff = false;
      client.session = null;
      living.remove(session);
      gone.add(session.key);
    }
  }

  void end(SimulatedWorker process, SimulatedClient client) {
    if (client.session != null) {
      process.sessions.remove(client.session.key);
    }
    end(client);
  }

  void died(SimulatedWorker process) {
    List.copyOf(process.sessions.values()).forEach(session -> end(process, session.client));
  }

  /** Whether it can be given now; else its migration begins, or comes to nothing. */
  boolean isReadyToGo(SimulatedClient client) {
    SimulatedSession session = client.session;
    if (session == null || (!session.frozen && random.nextBoolean())) {
      return true;
    }
    boolean wasFrozen = session.frozen;
    session.frozen = !wasFrozen || random.nextInt(3) > 0;
    if (!session.frozen) {
      world.note("thawed");
    }
    return wasFrozen && session.frozen;
  }

  /** Its migration comes to nothing. */
  void thaw(SimulatedWorker process) {
    process.sessions.values().forEach(session -> session.frozen = false);
  }

  /** A client loses its connection, and its session waits for it; or one has waited too long. */
  void lose(SimulatedWorker process) {
    for (SimulatedClient client : List.copyOf(process.connections)) {
      SimulatedSession session = client.session;
      boolean isAlone = client.companions.isEmpty();
      if (session != null && isAlone && !session.frozen && random.nextInt(3) == 0) {
        if (client.away) {
          world.note("away for too long");
          world.depart(process, List.of(client));
        } else {
          world.note("lost");
          lose(process, client);
        }
        return;
      }
    }
  }

  /** Returns those of its sessions whose clients may come back, and that may move. */
  List<SimulatedClient> mayGo(SimulatedWorker process) {
    List<SimulatedClient> may = new ArrayList<>();
    for (SimulatedSession session : process.sessions.values()) {
      if (session.client.companions.isEmpty()) {
        session.frozen = false;
        may.add(session.client);
      }
    }
    return may;
  }

  /** The client is told to come back, unless it is away already. */
  void lose(SimulatedWorker process, SimulatedClient client) {
    if (!client.away) {
      client.away = true;
      world.recount(process, client, Change.LOST);
    }
  }

  /** A session of another machine is here, and its client is not. */
  void arriveFromElsewhere(SimulatedWorker process, int listener, SessionKey key) {
    SimulatedClient client = world.elsewhere(listener);
    client.away = true;
    SimulatedSession session = new SimulatedSession(key, client);
    client.session = session;
    living.add(session);
    process.sessions.put(key, session);
    process.connections.add(client);
    world.recount(process, client, Change.AWAY_ARRIVED);
  }

  /** One of its clients beyond a limit says what it wants. */
  void seekBeyondLimit(SimulatedWorker process) {
    if (process.limited.isEmpty()) {
      return;
    }
    SimulatedClient client = process.limited.removeFirst();
    if (random.nextInt(8) == 0) {
      return; // it wants a new session, and is told that there is no room
    }
    SessionKey wanted = some(client);
    client.wanted = wanted;
    SimulatedSession its = at(process, wanted, client);
    if (its == null || its.frozen) {
      world.note("sought beyond a limit");
      giveUnserved(process, client);
    } else {
      world.note("met beyond a limit");
      admit(process, client);
      meet(process, its, client);
    }
  }

  private void admit(SimulatedWorker process, SimulatedClient client) {
    world.note("admitted");
    process.connections.add(client);
    world.recount(process, client, Change.ADMITTED);
  }

  /** One of its clients wants to go on with a session. */
  void seek(SimulatedWorker process) {
    for (SimulatedClient client : List.copyOf(process.connections)) {
      if (client.session == null && client.wanted == null) {
        SessionKey wanted = some(client);
        SimulatedSession its = at(process, wanted, client);
        if (its == null || its.frozen) {
          client.wanted = wanted;
          giveUnserved(process, client);
        } else {
          world.note("met at once");
          client.wanted = wanted;
          meet(process, its, client);
        }
        return;
      }
    }
  }

  private void giveUnserved(SimulatedWorker process, SimulatedClient client) {
    process.connections.remove(client);
    if (random.nextInt(40) == 0) {
      world.note("sought and lost");
      world.loseSeeker(process, client);
    } else {
      process.toManager.add(
          new Event.Sought(
              process.id, client.id, client.listener, client.peer, client.unserved(Search.ASK)));
    }
  }

  /** The session that the worker has under this key, of the client's listener. */
  private static @Nullable SimulatedSession at(
      SimulatedWorker process, @Nullable SessionKey key, SimulatedClient client) {
    SimulatedSession session = process.sessions.get(key);
    return session != null && session.isOf(client) ? session : null;
  }

  /** One that the client may want, now and then of another listener. */
  private SessionKey some(SimulatedClient client) {
    int dice = random.nextInt(20);
    if (dice == 0 || (living.isEmpty() && gone.isEmpty())) {
      return new SessionKey(((long) random.nextInt(256) << 56) | 1, 99);
    }
    if (living.isEmpty() || (dice < 4 && !gone.isEmpty())) {
      return gone.get(random.nextInt(gone.size()));
    }
    if (dice < 14) {
      for (SimulatedSession each : living) {
        if (each.isOf(client) && (each.frozen || each.inHandoff)) {
          return each.key;
        }
      }
    }
    List<SimulatedSession> likely = living.stream().filter(each -> each.isOf(client)).toList();
    List<SimulatedSession> those = likely.isEmpty() || dice == 19 ? living : likely;
    return those.get(random.nextInt(those.size())).key;
  }

  /**
   * The client goes on with the session, and the connection that it was on has ended; or it brings
   * a further connection.
   */
  private void meet(SimulatedWorker process, SimulatedSession session, SimulatedClient client) {
    SimulatedClient former = session.client;
    int companions = former.companions.size();
    if (companions > 0 || (!former.away && random.nextBoolean())) {
      world.note("joined");
      if (companions < HandoffKind.MAX_COMPANIONS) {
        client.joins(former);
      }
      return;
    }
    if (former.away) {
      world.note("came back");
    }
    former.session = null;
    session.client = client;
    client.session = session;
    world.depart(process, List.of(former));
  }

  /** A worker answers the question whether it has what this client wants. */
  void answer(SimulatedWorker process, SimulatedClient client, List<Message> late) {
    SimulatedSession session = at(process, client.wanted, client);
    if (random.nextInt(40) == 0) {
      world.note("seeker refused NO_DESCRIPTORS");
      refuse(process, client, Refusal.NO_DESCRIPTORS);
    } else if (random.nextInt(80) == 0) {
      world.note("seeker refused though it may be there");
      refuse(process, client, process.draining ? Refusal.DRAINING : Refusal.UNUSABLE);
    } else if (session != null && !session.frozen) {
      process.say(new Message.Taken(client.id));
      if (client.limited) {
        admit(process, client);
      } else {
        process.connections.add(client);
      }
      meet(process, session, client);
    } else if (session != null || isUndecided(process, client)) {
      world.note("seeker refused NOT_YET");
      refuse(process, client, Refusal.NOT_YET);
    } else {
      world.note("refused NOT_HERE");
      late.add(new Message.Refused(client.id, Refusal.NOT_HERE, ""));
    }
  }

  private boolean isUndecided(SimulatedWorker process, SimulatedClient seeker) {
    return process.received.stream()
        .map(world::client)
        .anyMatch(each ->
            each.session != null
                && each.session.inHandoff
                && each.session.key.equals(seeker.wanted)
                && each.session.isOf(seeker));
  }

  private static void refuse(SimulatedWorker process, SimulatedClient client, Refusal why) {
    process.say(new Message.Refused(client.id, why, ""));
  }

  // What the manager hears and wants.

  void sought(SimulatedClient client) {
    boolean isInTransit = living.stream().anyMatch(s -> s.isWantedBy(client) && s.inHandoff);
    world.note(isInTransit ? "sought in transit" : "sought");
    sought++;
    client.search = Search.ASK;
    client.asked = 0;
  }

  void soughtAndLost() {
    sought++;
  }

  /** The manager has heard that it was given, or taken. */
  void moved(SimulatedClient client) {
    if (client.session != null) {
      moves.merge(client.session.key, 1, Integer::sum);
    }
  }

  void notHere(SimulatedClient client, long worker, Refusal why) {
    if (why == Refusal.NOT_HERE && client.askedAfter == movesOf(client)) {
      client.notHere.put(worker, client.askedAfter);
    } else if (why == Refusal.NOT_HERE) {
      world.note("answer outdated");
    }
    client.asked = 0;
  }

  void found(SimulatedClient client) {
    if (client.search == Search.ASK) {
      world.note(client.notHere.isEmpty() ? "found at once" : "found elsewhere");
      found++;
    }
    client.search = null;
    client.asked = 0;
  }

  /** The manager sends a connection that seeks, or has its answer. */
  void place(SimulatedClient client, long worker, Unserved kind) {
    must(kind.equals(client.unserved(kind.search())), "its kind", client, kind);
    must(client.search == Search.ASK || client.search == kind.search(), "its answer", client, kind);
    if (kind.search() == Search.ASK) {
      Integer said = client.notHere.get(worker);
      must(said == null || said != movesOf(client), "a worker is asked once more", client, worker);
      client.asked = worker;
      client.askedAfter = movesOf(client);
      return;
    }
    if (client.search == Search.ASK) {
      world.note(kind.search() == Search.NOWHERE ? "nowhere" : "not answered");
    }
    client.search = kind.search();
    must(
        kind.search() != Search.NOWHERE
            || living.stream().noneMatch(each -> each.isWantedBy(client)),
        TOLD_NOWHERE,
        client,
        Objects.requireNonNull(client.wanted));
  }

  private int movesOf(SimulatedClient seeker) {
    return moves.getOrDefault(seeker.wanted, 0);
  }

  // What must hold.

  void check(FleetView view) {
    Searches searches = view.totals().searches();
    // One that is given after its end is nonsense, or passes for another one of its listener.
    long more = searches.sought() - sought;
    must(more >= 0 && more <= world.givenAfterEnd, "sought", sought, searches);
    must(searches.found() == found, "found", found, searches);
    must(
        searches.sought() == found + searches.nowhere() + searches.unanswered() + view.seeking(),
        "sought, and what became of it",
        sought,
        searches,
        view.seeking());
    if (world.stopping) {
      return; // what is taken and ended at the same time is in two places
    }
    long latestMs =
        world.ownMs() - world.current.settings().fleet().handoffs().timeoutMs() - TICK_MS;
    int answered = -view.seeking(); // and not placed yet
    int late = 0;
    for (SimulatedClient client : world.managers) {
      if (client.search == Search.ASK) {
        answered++;
        late += client.asked == 0 && client.sinceMs < latestMs ? 1 : 0;
      }
    }
    must(late <= answered, "so many seek for too long", late, answered);
    Map<SessionKey, Integer> at = new HashMap<>();
    world
        .processes
        .values()
        .forEach(p -> p.sessions.keySet().forEach(key -> at.merge(key, 1, Integer::sum)));
    for (SimulatedSession session : living) {
      int places = at.getOrDefault(session.key, 0) + (session.inHandoff ? 1 : 0);
      must(places == 1, "a session is in so many places", places, session);
      must(
          !session.inHandoff || session.client.session == session,
          "a session's connection has another",
          session);
    }
  }
}
