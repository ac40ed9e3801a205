package io.baton.manager.fleet;

import static io.baton.manager.fleet.SimulatedWorld.must;
import static org.assertj.core.api.Assertions.assertThat;

import io.baton.config.Settings;
import io.baton.manager.fleet.FleetView.Phase;
import io.baton.manager.fleet.SimulatedClient.Owner;
import io.baton.pipe.HandoffKind;
import io.baton.pipe.HandoffKind.Search;
import io.baton.pipe.Message;
import io.baton.pipe.Message.Change;
import io.baton.pipe.PeerKey;
import io.baton.pipe.Refusal;
import io.baton.service.Peer;
import io.baton.service.SessionKey;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;

/**
 * One life of a server, as a seed decides it: workers that boot, take, refuse, give, stop, babble
 * and die, clients that connect, deployments good and bad. After every step it checks what must
 * always hold.
 */
final class FleetSimulation {
  private static final int NO_LISTENER = 99;

  private final SimulatedWorld world;
  private final Random random;

  /** Nothing goes wrong by itself, so that there is time for deployments to. */
  private final boolean calm;

  /** Clients seek sessions more often than they do anything else. */
  private final boolean seeking;

  /** How many slots there may be: the number now, and that of a replacement under way. */
  private final Set<Integer> sizes = new HashSet<>();

  /**
   * @param digest is told of all effects
   */
  FleetSimulation(long seed, EffectDigest digest) {
    this(seed, digest, Seekers::new, false);
  }

  /** A calm life in which many seek a session, which is searched for by other rules. */
  static FleetSimulation seeking(long seed, Function<Roster, Seekers> rules) {
    return new FleetSimulation(seed, new EffectDigest(), rules, true);
  }

  private FleetSimulation(
      long seed, EffectDigest digest, Function<Roster, Seekers> rules, boolean seeking) {
    this.seeking = seeking;
    world = new SimulatedWorld(seed, digest, rules);
    random = world.random;
    calm = random.nextInt(3) == 0 || seeking;
    sizes.add(world.current.settings().workers());
  }

  /** How often each kind of thing happened. */
  Map<String, Integer> happened() {
    return world.happened;
  }

  /** Runs it, from the server's start to its end. */
  void run() {
    try {
      world.deliver(new Event.Tick());
      int steps = 100 + random.nextInt(calm ? 1_500 : 600);
      for (int i = 0; i < steps && !world.finished; i++) {
        step();
      }
      stop(random.nextInt(4) == 0 ? StopMode.NOW : world.drains.graceful());
      for (int i = 0; i < 2_000 && !world.finished; i++) {
        step();
        pass(random.nextInt(100));
      }
      checkEnd();
    } catch (Throwable e) {
      throw new AssertionError(e.getMessage() + "\n" + world.tail(), e);
    }
  }

  private void step() {
    int dice = random.nextInt(100);
    if (dice < 18) {
      pass(random.nextInt(20));
    } else if (dice < 19) {
      pass(random.nextInt(random.nextInt(5) == 0 ? 6_000 : 600));
    } else if (dice < 32) {
      int room = world.fleet.room(world.nowMs);
      for (int n = random.nextInt(4); n > 0 && room > 0; n--, room--) {
        world.accept();
      }
      world.deliverAll();
    } else if (dice < 33) {
      world.turnedAway++;
      List<Integer> listeners = world.current.listeners();
      world.deliver(new Event.TurnedAway(listeners.get(random.nextInt(listeners.size()))));
    } else if (dice < 34 && random.nextInt(40) == 0) {
      stop(random.nextBoolean() ? StopMode.NOW : world.drains.graceful());
    } else if (dice < 36) {
      replace();
    } else if (!world.processes.isEmpty()) {
      List<SimulatedWorker> all = new ArrayList<>(world.processes.values());
      act(all.get(random.nextInt(all.size())));
    }
    check();
  }

  private void stop(StopMode mode) {
    world.note("stop");
    world.drains.asked(mode);
    world.stopping = true;
    world.deliver(new Event.Stop(mode));
  }

  private void pass(long ms) {
    if (random.nextInt(200) == 0) {
      world.note("pause of the manager");
      world.pause(100_000);
    }
    for (long left = ms; left >= 0 && !world.finished; left -= 200) {
      world.nowMs += Math.min(left, 200);
      world.deliver(new Event.Tick());
    }
  }

  /** Somebody wants workers replaced, now and then when that cannot be. */
  private void replace() {
    if (random.nextInt(25) == 0 && world.fleet.whyNotAborted().isEmpty()) {
      world.note("aborted");
      sizes.add(world.current.settings().workers());
      world.deliver(new Event.Abort());
      return;
    }
    if (random.nextInt(40) == 0 && world.fleet.isDraining() && !world.stopping) {
      world.note("superseded");
      world.deliver(new Event.Supersede());
    }
    boolean isFree = !world.isBeingReplaced();
    boolean canBe = isFree && world.started && !world.stopping;
    if (!canBe && random.nextInt(world.stopping ? 200 : calm ? 100 : 20) > 0) {
      return;
    }
    world.asked++;
    int workers = 1 + random.nextInt(4);
    switch (random.nextInt(calm ? 2 : 4)) {
      case 0, 1 -> {
        Settings settings = world.deployments.settings();
        if (isFree) {
          world.nextIsBad = random.nextInt(5) == 0;
          SimulatedWorker.Temper[] tempers = SimulatedWorker.Temper.values();
          world.nextsTemper = tempers[random.nextInt(2) > 0 ? 0 : random.nextInt(tempers.length)];
          world.next = world.current.next(settings);
          sizes.add(settings.workers());
          world.deliver(new Event.Reload(world.next));
        } else {
          world.deliver(new Event.Reload(world.current.next(settings)));
        }
      }
      case 2 ->
          world.deliver(
              new Event.Recycle(random.nextBoolean() ? List.of() : List.of(random.nextInt(3))));
      default -> {
        sizes.add(workers);
        world.deliver(new Event.Scale(workers));
      }
    }
    must(world.asked <= 1, "outcomes to come", world.asked);
  }

  private void act(SimulatedWorker process) {
    if (process.killed) {
      world.die(process, "was killed by SIGKILL");
      return;
    }
    int dice = random.nextInt(400);
    if (!world.started && random.nextInt(4) > 0) {
      dice += 100; // most servers start
    }
    if (dice < 3 && !calm) {
      world.note("death in " + (process.saidReady ? "service" : "boot"));
      world.die(process, "exited with 1");
    } else if (process.stopped && dice < (process.hangs ? 4 : 50)) {
      world.note("SIGCONT");
      process.stopped = false;
      process.hangs = false;
    } else if (!process.stopped && dice < 10 && !calm) {
      world.note("SIGSTOP");
      process.stopped = true;
    } else if (!process.stopped) {
      if (process.saidReady) {
        live(process, random.nextInt(100));
      } else {
        boot(process, random.nextInt(100));
      }
    }
  }

  private void boot(SimulatedWorker process, int dice) {
    if (dice < (process.isBad ? 10 : 1)) {
      world.note("failed boot");
      process.say(new Message.Failed("module examples: boom"));
      world.flush(process);
      world.die(process, "exited with 1");
    } else if (!process.isBad && hasJoined(process) && dice < 70) {
      process.saidReady = true;
      process.say(new Message.Ready(process.reads()));
      world.flush(process);
    }
  }

  /** Whether it has its links, or wants none; else it joins, which takes no time. */
  private boolean hasJoined(SimulatedWorker process) {
    if (process.joins() && !process.saidJoined) {
      process.saidJoined = true;
      process.say(new Message.Joined());
      world.flush(process);
    }
    return !process.joins() || process.introduced;
  }

  private void live(SimulatedWorker process, int dice) {
    if (!seeking) {
      world.drains.arrive(process);
    }
    world.drains.goOn(process);
    if (random.nextInt(30) == 0) {
      world.sessions.thaw(process);
    }
    if (random.nextInt(20) == 0) {
      world.sessions.lose(process);
      flushMostly(process);
      return;
    }
    if (random.nextInt(40) == 0) {
      world.sessions.seekBeyondLimit(process);
      flushMostly(process);
      return;
    }
    if (seeking && random.nextInt(3) == 0) {
      world.sessions.seek(process);
      flushMostly(process);
      return;
    }
    if (dice < 35) {
      process.receive(1 + random.nextInt(4));
    } else if (dice < 60) {
      settle(process);
    } else if (dice < 66) {
      if (!calm || random.nextInt(8) == 0) {
        depart(process);
      }
    } else if (dice < 72) {
      process.say(new Message.LoadReport(process.load(random.nextInt(1001))));
      world.flush(process);
    } else if (dice < 82) {
      give(process);
    } else if (dice < 88) {
      world.sessions.seek(process);
      flushMostly(process);
    } else if (dice < 89 && !calm && !process.babbled && random.nextInt(4) == 0) {
      babble(process);
    } else if (process.draining && process.received.isEmpty() && process.inPipe.isEmpty()) {
      world.note("drained");
      world.drains.leave(process);
      world.die(process, "exited with 0");
    } else {
      world.flush(process);
    }
  }

  /** Takes or refuses what it has received; sometimes the answer stays in the pipe for a while. */
  private void settle(SimulatedWorker process) {
    if (process.temper == SimulatedWorker.Temper.HANGS
        && random.nextInt(4) > 0
        && process.received.stream().anyMatch(id -> isFromAnother(process, id))) {
      world.note("hangs with a session");
      process.stopped = true;
      process.hangs = true;
      return;
    }
    List<Message> late = new ArrayList<>();
    for (long id : process.received) {
      SimulatedClient client = world.client(id);
      if (client.search == Search.ASK) {
        world.sessions.answer(process, client, late);
      } else if (process.draining
          || random.nextInt(12) == 0
          || (isFromAnother(process, id) && isRefused(process, client))) {
        Refusal other = client.source == 0 ? Refusal.NO_DESCRIPTORS : Refusal.UNREADABLE;
        Refusal why = process.draining ? Refusal.DRAINING : other;
        world.note("refused " + why);
        client.wasRefused = true;
        process.say(new Message.Refused(id, why, ""));
      } else {
        must(client.owner == Owner.MANAGER, "taken before", client);
        process.say(new Message.Taken(id));
        if (client.limited) {
          if (client.search == null) {
            process.limited.add(client);
          }
        } else {
          process.taken++;
          process.connections.addAll(client.all());
          world.sessions.arrive(process, client);
          world.sessions.begin(process, client);
        }
      }
    }
    late.forEach(process::say);
    process.received.clear();
    flushMostly(process);
  }

  private boolean isFromAnother(SimulatedWorker process, long client) {
    long source = world.client(client).source;
    return source != 0 && source != process.id;
  }

  private static boolean isRefused(SimulatedWorker process, SimulatedClient client) {
    return switch (process.temper) {
      case GOOD, HANGS -> false;
      case REFUSES_ALL -> true;
      case REFUSES_SOME -> client.protocol().isEmpty();
    };
  }

  private void flushMostly(SimulatedWorker process) {
    if (random.nextInt(4) > 0) {
      world.flush(process);
    }
  }

  /** Connections of one listener and peer end. */
  private void depart(SimulatedWorker process) {
    if (process.connections.isEmpty()) {
      return;
    }
    SimulatedClient first = any(process);
    List<SimulatedClient> leaving =
        process.connections.stream()
            .filter(
                each -> each.countsAs(first) && each.away == first.away && random.nextInt(3) > 0)
            .toList();
    if (!leaving.isEmpty()) {
      world.note("departed");
      world.depart(process, leaving);
      flushMostly(process);
    }
  }

  private SimulatedClient any(SimulatedWorker process) {
    return process.connections.get(random.nextInt(process.connections.size()));
  }

  /** Gives what it may and can give now. */
  private void give(SimulatedWorker process) {
    for (int n = random.nextInt(4); n > 0; n--) {
      if (process.draining || process.gave >= process.allowance || process.connections.isEmpty()) {
        break;
      }
      SimulatedClient some = any(process);
      SimulatedClient client = some.first == null ? some : some.first;
      if (!world.sessions.isReadyToGo(client)) {
        continue;
      }
      if (random.nextInt(40) == 0) {
        world.note("unsaved");
        process.say(
            new Message.Unsaved(client.id, client.listener, client.protocol(), "save() threw"));
        continue;
      }
      process.connections.removeAll(client.all());
      world.sessions.leave(process, client);
      if (client.away) {
        world.note("given while away");
      }
      process.gave++;
      if (random.nextInt(40) == 0) {
        world.note("descriptor lost");
        world.lose(process, client);
      } else {
        process.toManager.add(
            new Event.Given(process.id, client.id, client.listener, client.peer, client.saved()));
      }
    }
    flushMostly(process);
  }

  private void babble(SimulatedWorker process) {
    process.babbled = true;
    world.note("nonsense");
    int listener = process.generation.listeners().getFirst();
    switch (random.nextInt(11)) {
      case 0 -> world.deliver(new Event.Garbled(process.id, "an unknown message type 99"));
      case 1 -> said(process, new Message.Taken(1_000_000));
      case 2 -> said(process, new Message.Departed(listener, null, 1_000_000));
      case 3 -> said(process, new Message.Departed(NO_LISTENER, null, 1));
      case 4 ->
          said(process, new Message.Departed(listener, new PeerKey(PeerKey.Kind.VSOCK, 99), 1));
      case 5 -> {
        world.nonsense.add(2_000_000L);
        world.deliver(
            new Event.Given(
                process.id,
                2_000_000,
                NO_LISTENER,
                new Peer.Unix(1, 1),
                HandoffKind.savedAside("")));
      }
      case 6 -> {
        world.nonsense.add(2_000_001L);
        world.deliver(
            new Event.Sought(
                process.id,
                2_000_001,
                NO_LISTENER,
                new Peer.Unix(1, 1),
                new HandoffKind.Unserved(
                    new SessionKey(0, 0), Search.ASK, new HandoffKind.State.Aside())));
      }
      case 7, 8, 9 -> giveTooMuch(process);
      default -> {
        // That sessions have come from other machines, nobody but the worker can know.
        Change[] changes = {Change.LOST, Change.ADMITTED, Change.AWAY_ENDED};
        int which = random.nextInt(changes.length + 1);
        said(
            process,
            which == changes.length
                ? process.id % 2 == 0 ? new Message.Ping(1) : new Message.Joined()
                : new Message.Recounted(listener, null, changes[which], 1_000_000));
      }
    }
  }

  private void said(SimulatedWorker process, Message message) {
    world.deliver(new Event.Said(process.id, message));
  }

  private void giveTooMuch(SimulatedWorker process) {
    world.flush(process);
    if (!process.connections.isEmpty() && process.gave == process.promised) {
      world.note("gave more than allowed");
      SimulatedClient client = any(process);
      process.connections.remove(client);
      world.nonsense.add(client.id);
      HandoffKind.Saved saved = client.saved();
      world.sessions.end(process, client);
      world.deliver(new Event.Given(process.id, client.id, client.listener, client.peer, saved));
    }
  }

  private void check() {
    FleetView view = world.fleet.view();
    long untaken = view.workers().stream().mapToLong(FleetView.WorkerView::untaken).sum();
    must(
        view.waiting() + untaken == world.managers.size(),
        "the manager believes to have so many clients",
        view.waiting() + untaken,
        world.managers);
    checkCounts(view);
    checkWorkers(view);
    world.checkIntroductions();
    world.sessions.check(view);
    world.drains.check();
  }

  private void checkWorkers(FleetView view) {
    BitSet slots = new BitSet();
    for (FleetView.WorkerView worker : view.workers()) {
      // What lingers after its replacement was superseded may have had a slot that is gone.
      if (!world.hasSuperseded() || view.replacing() != null || isInItsSlot(worker)) {
        slots.set(worker.slot());
      }
      must(
          !worker.state().equals("NEXT") || worker.taken() == 0,
          "a newcomer has new clients",
          worker);
      must(
          !worker.state().equals("LEAVING")
              || view.replacing() != null
              || world.stopping
              || world.hasSuperseded(),
          "a leaver though nothing is replaced",
          worker);
      must(worker.retryInMs() <= 6_000, "back-off", worker);
    }
    if (view.phase() == Phase.RUNNING) {
      if (view.replacing() == null && !world.hasSuperseded()) {
        sizes.retainAll(Set.of(slots.cardinality()));
      }
      must(!sizes.isEmpty(), "slots", slots);
      must(
          world.hasSuperseded() || slots.nextClearBit(0) >= Collections.min(sizes),
          "slots",
          slots,
          sizes);
      must(view.generation() == world.current.number(), "generation", view.generation());
    }
  }

  /** Its state says so; one that hangs may be in it or not, and is not needed to tell. */
  private static boolean isInItsSlot(FleetView.WorkerView worker) {
    return !Set.of("LEAVING", "HUNG", "DRAINING", "ENDING").contains(worker.state());
  }

  private void checkCounts(FleetView view) {
    int[] open = new int[view.listeners().size()];
    world.open.forEach(client -> open[client.listener]++);
    int[] away = new int[open.length];
    world.away.forEach(client -> away[client.listener]++);
    long accepted = 0;
    long refused = 0;
    long limited = 0;
    for (int i = 0; i < open.length; i++) {
      FleetView.ListenerCounts listener = view.listeners().get(i);
      accepted += listener.accepted();
      refused += listener.refused();
      limited += listener.limited();
      must(
          listener.returning().away() == away[i],
          "sessions of a listener that are away",
          away[i],
          i,
          listener);
      must(listener.open() == open[i], "open connections of a listener", open[i], i, listener);
    }
    must(accepted == world.accepted(), "accepted", accepted);
    must(refused == world.refused + world.turnedAway, "refused", refused);
    must(limited == world.limited, "limited", limited);
    FleetView.Totals totals = view.totals();
    must(totals.migrated() == world.migrated, "migrated", totals);
    must(totals.returned() == world.returned, "returned", totals);
    // One that is given after its end is nonsense, or passes for another one of its listener.
    long more = totals.stranded() - world.stranded;
    must(more >= 0 && more <= world.givenAfterEnd, "stranded", totals);
  }

  private void checkEnd() {
    if (world.fleet.view().totals().rebalances() > 0) {
      world.note("rebalanced");
    }
    assertThat(world.finished).as("the server ends").isTrue();
    assertThat(world.processes).as("no process is left").isEmpty();
    assertThat(world.clients.values())
        .as("no client is left")
        .allMatch(client -> client.owner == Owner.NOBODY);
    assertThat(world.nonsense).as("what should not have been given is closed").isEmpty();
    assertThat(world.asked).as("outcomes that never came").isZero();
    FleetView view = world.fleet.view();
    assertThat(view.listeners())
        .allMatch(listener -> listener.open() == 0 && listener.returning().away() == 0);
    assertThat(world.accepted())
        .as("accepted = taken + refused + limited")
        .isEqualTo(world.taken + world.refused + world.limited);
  }
}
