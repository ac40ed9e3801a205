package io.baton.manager.fleet;

import io.baton.pipe.Load;
import io.baton.pipe.Message;
import io.baton.pipe.Refusals;
import io.baton.pipe.SavedForm;
import io.baton.service.SessionKey;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A worker's process and its pipe as the kernel would hold them. */
final class SimulatedWorker {
  final long id;
  final int slot;
  final Generation generation;

  /** How it is about sessions of other workers. */
  enum Temper {
    GOOD,
    REFUSES_ALL,
    /** Those of one protocol. */
    REFUSES_SOME,
    HANGS
  }

  /** It will never be READY. */
  final boolean isBad;

  final Temper temper;

  final Deque<Message> inPipe = new ArrayDeque<>();
  final Deque<Event> toManager = new ArrayDeque<>();
  final List<Long> received = new ArrayList<>();
  final List<SimulatedClient> connections = new ArrayList<>();

  /** Beyond a limit, and not known yet to come back to no session. */
  final List<SimulatedClient> limited = new ArrayList<>();

  /** Those with keys, of its connections. */
  final Map<SessionKey, SimulatedSession> sessions = new LinkedHashMap<>();

  boolean stopped;

  /** It stays so for long. */
  boolean hangs;

  boolean killed;
  boolean saidJoined;

  /** It was told of all that had joined before. */
  boolean introduced;

  boolean saidReady;
  boolean babbled;
  boolean draining;

  /** It was draining before it was told of other machines. */
  boolean drainedBefore;

  /** It is to have other machines take its sessions. */
  boolean redirected;

  /** Those that wait for other machines; null before it has come to that. */
  @Nullable List<SimulatedClient> toGoElsewhere;

  /** So many sessions it had then, of which so many might go. */
  long hadAtDrain;

  long mayGo;
  long wentElsewhere;

  long taken;

  /** So many it may give, as it knows. */
  long allowance;

  long gave;

  // What the manager knows of it.

  boolean heardJoined;
  boolean heardReady;

  /** What every living worker reads of saved sessions, as it was told. */
  @Nullable SavedForm readable;

  long granted;

  /** As it was told with that. */
  Message.First givesFirst = Message.First.IDLEST;

  long promised;
  long heardGiven;

  SimulatedWorker(long id, int slot, Generation generation, boolean isBad, Temper temper) {
    this.id = id;
    this.slot = slot;
    this.generation = generation;
    this.isBad = isBad;
    this.temper = temper;
  }

  void say(Message message) {
    toManager.add(new Event.Said(id, message));
  }

  /** What it reads of saved sessions: each generation may be another release's. */
  SavedForm reads() {
    int number = generation.number();
    return new SavedForm(1 + number % 2, number % 3 == 0 ? Set.of(1, 2, 40) : Set.of(1, 2));
  }

  /** Whether it wants links to others: not those of every generation do. */
  boolean joins() {
    return generation.number() % 3 != 0;
  }

  boolean isKeyed(int listener) {
    var settings = generation.listener(listener);
    return settings != null && settings.options().limits().maxConnectionsPerPeer() > 0;
  }

  /** Reads so much of its pipe. */
  void receive(int n) {
    for (; n > 0 && !inPipe.isEmpty(); n--) {
      switch ((Message.ToWorker) inPipe.removeFirst()) {
        case Message.Handoff m -> received.add(m.id());
        case Message.Ping m -> say(new Message.Pong(m.number()));
        case Message.Drain _ -> draining = true;
        case Message.Redirect _ -> {
          drainedBefore |= draining && !redirected;
          draining = true;
          redirected = true;
        }
        case Message.AllowMigrations m -> allowance = m.total();
        case Message.Hello _,
            Message.Neighbours _,
            Message.FormInUse _,
            Message.DescribeSession _,
            Message.ListSessions _ -> {}
      }
    }
  }

  Load load(int busyPermille) {
    return new Load(
        connections.size(),
        0,
        busyPermille,
        0,
        1,
        1,
        1,
        1,
        new Load.Counters(
            taken,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            gave,
            0,
            0,
            0,
            Load.Shed.NONE,
            Load.Handshakes.NONE,
            Load.Returns.NONE,
            Load.Authentications.NONE,
            Refusals.NONE,
            0),
        Load.Memory.NONE,
        Load.Callbacks.NONE,
        Load.Mesh.NONE);
  }
}
