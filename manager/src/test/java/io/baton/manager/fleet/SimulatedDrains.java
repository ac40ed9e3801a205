package io.baton.manager.fleet;

import static io.baton.manager.fleet.SimulatedWorld.must;

import io.baton.manager.fleet.DrainOutcome.Counted;
import io.baton.manager.fleet.DrainOutcome.Undrained;
import io.baton.pipe.Message.Redirected;
import io.baton.service.SessionKey;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * The other machines of a simulated world: where sessions come from at any time, and where they go
 * when the server drains. What must hold of the drain:
 *
 * <ul>
 *   <li>Each worker's sessions are counted once, when it is gone: as it has said last, or else as
 *       lost.
 *   <li>A session that is on its way between two workers, and that none will have, is lost.
 *   <li>Nothing is counted by a server that stops in another way, which says why.
 * </ul>
 */
final class SimulatedDrains {
  /** All of them come from one place, where numbers begin here. */
  private static final long FIRST_KEY = 1L << 48;

  private final SimulatedWorld world;

  /** Of its own, so that lives without other machines do not depend on them. */
  private final Random random;

  /** By worker: its last word on its sessions, as the manager has heard. */
  private final Map<Long, Redirected> words = new HashMap<>();

  private boolean isAsked;
  private boolean drains;
  private long lastKey = FIRST_KEY;
  private long taken;
  private long ended;
  private long lost;

  SimulatedDrains(SimulatedWorld world, long seed) {
    this.world = world;
    this.random = new Random(~seed);
  }

  // Other machines.

  /** Chooses how the server is to stop, if not at once. */
  StopMode graceful() {
    return random.nextInt(3) > 0 ? StopMode.DRAIN : StopMode.GRACEFUL;
  }

  /** Returns what a deployment says of other machines. */
  String cluster() {
    return random.nextInt(4) > 0 ? TestSettings.CLUSTER : "";
  }

  /** A session comes from another machine, where its client has not been for long. */
  void arrive(SimulatedWorker process) {
    boolean isNewcomer = process.generation.number() > world.current.number();
    if (process.draining || isNewcomer || random.nextInt(30) > 0) {
      return;
    }
    world.note("came from elsewhere");
    List<Integer> listeners = process.generation.listeners();
    int listener = listeners.get(random.nextInt(listeners.size()));
    world.sessions.arriveFromElsewhere(process, listener, new SessionKey(++lastKey, 0));
  }

  // In the workers.

  /** The worker does what it was told, as far as it has come. */
  void goOn(SimulatedWorker process) {
    if (!process.redirected) {
      return;
    }
    if (process.toGoElsewhere == null) {
      begin(process);
    } else if (!process.toGoElsewhere.isEmpty() && random.nextInt(3) > 0) {
      SimulatedClient next = process.toGoElsewhere.removeFirst();
      if (process.connections.contains(next)) {
        goesElsewhere(process, next);
      }
    }
    if (random.nextInt(4) == 0) {
      process.say(word(process));
    }
  }

  private void begin(SimulatedWorker process) {
    world.note("drain");
    process.hadAtDrain = process.connections.stream().filter(each -> each.first == null).count();
    process.toGoElsewhere = process.drainedBefore ? List.of() : world.sessions.mayGo(process);
    process.mayGo = process.toGoElsewhere.size();
    for (SimulatedClient each : process.toGoElsewhere) {
      world.sessions.lose(process, each);
    }
    process.say(word(process));
  }

  private void goesElsewhere(SimulatedWorker process, SimulatedClient client) {
    if (random.nextInt(4) == 0) {
      world.note("waited in vain");
    } else {
      world.note("taken elsewhere");
      process.wentElsewhere++;
    }
    world.depart(process, List.of(client));
  }

  /** It ends by itself: this is its last word. */
  void leave(SimulatedWorker process) {
    if (process.redirected) {
      if (process.toGoElsewhere == null) {
        begin(process);
      }
      process.say(word(process));
    }
  }

  private static Redirected word(SimulatedWorker process) {
    return new Redirected(
        process.wentElsewhere,
        process.hadAtDrain - process.mayGo,
        process.mayGo - process.wentElsewhere);
  }

  // What the manager hears and wants.

  void asked(StopMode mode) {
    if (mode != StopMode.DRAIN) {
      return;
    }
    isAsked = true;
    drains |=
        world.started && !world.stopping && !world.current.settings().cluster().secrets().isEmpty();
    world.note(drains ? "drain asked" : "drain in vain");
  }

  void said(long worker, Redirected word) {
    words.put(worker, word);
  }

  /** A session was on its way between two workers, and is no more. */
  void stranded() {
    if (drains) {
      world.note("stranded in a drain");
      lost++;
    }
  }

  /**
   * The manager hears of a death.
   *
   * @param had connections that it had, and sessions that were away, as the manager knows
   */
  void died(long worker, long had) {
    if (!drains) {
      return;
    }
    Redirected word = words.get(worker);
    if (word == null) {
      world.note("died without a word");
      lost += had;
    } else {
      taken += word.taken();
      ended += word.ended();
      lost += word.lost();
    }
  }

  // What must hold.

  void check() {
    switch (world.fleet.drainOutcome()) {
      case Counted its -> {
        must(drains, "a drain that nobody wants", its);
        must(its.taken() == taken, "taken elsewhere", taken, its);
        must(its.ended() == ended, "ended in a drain", ended, its);
        must(its.lost() == lost, "lost in a drain", lost, its);
        must(its.lostWithWorkers() <= lost, "lost with workers", lost, its);
      }
      case Undrained its -> {
        must(!drains, "no drain", its);
        must(isAsked != its.why().isEmpty(), "why there is no drain", isAsked, its);
      }
    }
  }
}
