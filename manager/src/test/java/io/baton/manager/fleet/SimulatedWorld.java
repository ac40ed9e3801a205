package io.baton.manager.fleet;

import io.baton.config.Settings;
import io.baton.manager.fleet.SimulatedClient.Owner;
import io.baton.pipe.HandoffKind;
import io.baton.pipe.HandoffKind.Search;
import io.baton.pipe.HandoffKind.Unserved;
import io.baton.pipe.Message;
import io.baton.pipe.Message.Change;
import io.baton.pipe.PeerKey;
import io.baton.pipe.SavedForm;
import io.baton.service.Peer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What is around one {@link Fleet}: a kernel with processes and pipes, and clients. It delivers
 * events, does what the fleet wants done, and counts everything by itself; each thing the fleet
 * wants is checked against that.
 */
final class SimulatedWorld {
  /** What a leaver without connections is told. */
  private static final Message DRAIN_EMPTY = new Message.Drain(1_000);

  final Random random;
  final SimulatedDeployments deployments;
  final Fleet fleet;
  final SimulatedSessions sessions;
  final SimulatedDrains drains;
  final Map<Long, SimulatedWorker> processes = new LinkedHashMap<>();
  final Map<Long, SimulatedClient> clients = new HashMap<>();

  /** Those that count: accepted, within limits, not heard to have ended. */
  final Set<SimulatedClient> open = new LinkedHashSet<>();

  /** Those that are heard to be lost while their sessions wait. */
  final Set<SimulatedClient> away = new LinkedHashSet<>();

  final Set<SimulatedClient> managers = new LinkedHashSet<>();

  /** Connections that a worker gave though it was not to. */
  final Set<Long> nonsense = new HashSet<>();

  private final Map<Long, Generation> generations = new HashMap<>();
  private final IdentityHashMap<Message, List<SimulatedClient>> departures =
      new IdentityHashMap<>();
  private final IdentityHashMap<Message, SimulatedClient> recounts = new IdentityHashMap<>();
  private final IdentityHashMap<Event, SimulatedClient> losses = new IdentityHashMap<>();
  private final Deque<Event> events = new ArrayDeque<>();
  private final Deque<Effect> effects = new ArrayDeque<>();
  private final SimulationTrace trace = new SimulationTrace();
  private final EffectDigest digest;

  /** How often each kind of thing happened. */
  final Map<String, Integer> happened = new HashMap<>();

  Generation current;
  @Nullable Generation next;
  boolean nextIsBad;
  SimulatedWorker.Temper nextsTemper = SimulatedWorker.Temper.GOOD;

  /** That which a reload may be undone to. */
  private @Nullable Generation former;

  /** By worker: connections that came back to it, or that it could not save. */
  private final Map<Long, Set<Long>> unmoved = new HashMap<>();

  /** By worker: connections that left it before others served in its place. */
  private final Map<Long, Integer> early = new HashMap<>();

  /** Pairs of workers that have a link, or had. */
  private final Set<Set<Long>> introduced = new HashSet<>();

  long nowMs = 1_000_000;

  /** Time in which the manager did not run, and somewhat more, which its clock leaves out. */
  private long pausedMs;

  long taken;

  /** Fresh clients that nobody would have. */
  long refused;

  long turnedAway;
  long limited;
  long migrated;
  long returned;
  long stranded;

  /**
   * Clients that were ended, with the server's time, and given afterwards by who had taken them.
   */
  long givenAfterEnd;

  int asked;
  boolean stopping;
  boolean started;
  boolean finished;

  /** Of the last reload: its leavers, and all connections that they had then and since. */
  private final Set<Long> leavers = new HashSet<>();

  private long leaversHad;

  /** A process that has ended, until the manager has heard of it. */
  private @Nullable SimulatedWorker dying;

  private long lastClient;
  private long fromElsewhere;

  SimulatedWorld(long seed, EffectDigest digest, Function<Roster, Seekers> seekers) {
    this.digest = digest;
    random = new Random(seed);
    drains = new SimulatedDrains(this, seed);
    deployments = new SimulatedDeployments(random, drains::cluster);
    current = Generation.first(deployments.settings());
    fleet = new Fleet(current, nowMs, seekers);
    sessions = new SimulatedSessions(this, random);
  }

  void pause(long ms) {
    nowMs += ms;
    pausedMs += ms + 200; // the step in which it goes on
  }

  /** The time without pauses; never later than the fleet's own. */
  long ownMs() {
    return nowMs - pausedMs;
  }

  /** What must hold; checked so often that only plain conditions are fast enough. */
  static void must(boolean holds, String what, Object... about) {
    if (!holds) {
      throw new AssertionError(what + ": " + Arrays.toString(about));
    }
  }

  void note(String what) {
    happened.merge(what, 1, Integer::sum);
  }

  /** The last things that happened, one a line. */
  String tail() {
    return trace.toString();
  }

  long accepted() {
    return lastClient - fromElsewhere;
  }

  SimulatedClient client(long id) {
    return Objects.requireNonNull(clients.get(id));
  }

  // Events.

  void deliver(Event event) {
    events.addLast(event);
    deliverAll();
  }

  /** What this process has said arrives. */
  void flush(SimulatedWorker process) {
    events.addAll(process.toManager);
    process.toManager.clear();
    deliverAll();
  }

  void die(SimulatedWorker process, String how) {
    processes.remove(process.id);
    sessions.died(process);
    dying = process;
    events.addAll(process.toManager);
    events.addLast(
        new Event.Died(
            process.id, how.equals("exited with 0"), how, random.nextBoolean() ? "" : "Killed"));
    deliverAll();
    dying = null;
  }

  void accept() {
    List<Integer> listeners = current.listeners();
    accept(listeners.get(random.nextInt(listeners.size())));
  }

  private void accept(int listener) {
    SimulatedClient client = new SimulatedClient(++lastClient, listener, peer(), nowMs);
    clients.put(client.id, client);
    managers.add(client);
    events.addLast(new Event.Accepted(client.id, listener, client.peer));
    note("accept");
  }

  /** A client whose session was at another machine, as only a worker knows. */
  SimulatedClient elsewhere(int listener) {
    fromElsewhere++;
    SimulatedClient client = new SimulatedClient(++lastClient, listener, peer(), nowMs);
    client.owner = Owner.NOBODY;
    clients.put(client.id, client);
    return client;
  }

  private Peer peer() {
    return switch (random.nextInt(2)) {
      case 0 -> new Peer.Unix(random.nextInt(1_000), random.nextInt(2));
      default -> new Peer.Vsock(3 + random.nextInt(2), random.nextInt(1_000));
    };
  }

  void deliverAll() {
    for (Event event; (event = events.pollFirst()) != null; ) {
      trace.add(nowMs, event);
      foresee(event);
      boolean wasReplacing = fleet.isReplacing();
      effects.addAll(fleet.on(event, nowMs));
      if (!wasReplacing && fleet.isReplacing()) {
        unmoved.clear();
        early.clear();
      }
      for (Effect effect; (effect = effects.pollFirst()) != null; ) {
        trace.add(nowMs, effect);
        digest.add(effect);
        perform(effect);
      }
    }
    checkReadable();
  }

  /** It gives this connection, whose descriptor will be lost on the way. */
  void lose(SimulatedWorker process, SimulatedClient client) {
    Event lost = new Event.GivenLost(process.id, client.listener, client.peer, client.saved());
    losses.put(lost, client);
    sessions.end(client);
    process.toManager.add(lost);
  }

  /** It gives this connection, whose client seeks a session, and its descriptor will be lost. */
  void loseSeeker(SimulatedWorker process, SimulatedClient client) {
    Event lost = new Event.SoughtLost(process.id, client.listener, client.peer, client.limited);
    losses.put(lost, client);
    process.toManager.add(lost);
  }

  /** Connections of this process end; the manager hears of it later. */
  void depart(SimulatedWorker process, List<SimulatedClient> leaving) {
    SimulatedClient any = leaving.getFirst();
    List<SimulatedClient> left =
        leaving.stream().flatMap(each -> each.companions.stream()).distinct().toList();
    leaving.forEach(SimulatedClient::leaves);
    process.connections.removeAll(leaving);
    leaving.forEach(client -> sessions.end(process, client));
    PeerKey key = process.isKeyed(any.listener) ? any.key : null;
    Message message =
        any.away
            ? new Message.Recounted(any.listener, key, Change.AWAY_ENDED, leaving.size())
            : new Message.Departed(any.listener, key, leaving.size());
    departures.put(message, leaving);
    process.say(message);
    for (SimulatedClient each : left) {
      if (!leaving.contains(each)) {
        note("left with its session");
        depart(process, List.of(each));
      }
    }
  }

  /** This process counts the client otherwise; the manager hears of it later. */
  void recount(SimulatedWorker process, SimulatedClient client, Change change) {
    PeerKey key = process.isKeyed(client.listener) ? client.key : null;
    Message message = new Message.Recounted(client.listener, key, change, 1);
    recounts.put(message, client);
    process.say(message);
  }

  private void recounted(SimulatedClient client, long worker, Change change) {
    if (client.ended) {
      return; // it was taken when the server's time was over, which makes this nonsense
    }
    switch (change) {
      case LOST -> {
        open.remove(client);
        away.add(client);
      }
      case ADMITTED -> {
        client.limited = false;
        client.owner = Owner.WORKER;
        client.worker = worker;
        open.add(client);
        if (leavers.contains(worker)) {
          leaversHad++;
        }
      }
      case AWAY_ENDED -> throw new IllegalStateException("a departure");
      case AWAY_ARRIVED -> {
        client.owner = Owner.WORKER;
        client.worker = worker;
        away.add(client);
        if (leavers.contains(worker)) {
          leaversHad++;
        }
      }
    }
  }

  /** All that count as something. */
  private Stream<SimulatedClient> counted() {
    return Stream.concat(open.stream(), away.stream());
  }

  /** What the event means for who is there, by the world's own count. */
  private void foresee(Event event) {
    switch (event) {
      case Event.Accepted e -> {
        SimulatedClient client = client(e.handoff());
        client.limited = isBeyondLimit(client);
        if (client.limited) {
          limited++;
        } else {
          open.add(client);
        }
      }
      case Event.Given e when !nonsense.contains(e.handoff()) -> given(e);
      case Event.Sought e when !nonsense.contains(e.handoff()) -> sought(client(e.handoff()));
      case Event.SoughtLost e -> soughtLost(Objects.requireNonNull(losses.remove(e)));
      case Event.Blocked e -> client(e.handoff()).asked = 0;
      case Event.Recalled e -> client(e.handoff()).asked = 0;
      case Event.Said(long worker, Message.Refused m) when clients.containsKey(m.id()) ->
          sessions.notHere(client(m.id()), worker, m.why());
      case Event.GivenLost e -> {
        SimulatedClient client = Objects.requireNonNull(losses.remove(e));
        client.group = group(client, e.kind());
        lost(client, e.worker());
      }
      case Event.Said(long worker, Message.Joined _) -> {
        SimulatedWorker process = processes.get(worker);
        if (process != null && !process.heardReady) {
          process.heardJoined = true;
        }
      }
      case Event.Said(long worker, Message.Ready _) -> {
        SimulatedWorker process = processes.get(worker);
        if (process != null) {
          process.heardReady = true;
        }
      }
      case Event.Said(long worker, Message.Taken m) when clients.containsKey(m.id()) -> {
        SimulatedClient client = client(m.id());
        client.group.forEach(each -> each.worker = worker);
        if (client.isMoving()) {
          sessions.moved(client);
        }
      }
      case Event.Said(long worker, Message.Unsaved m) -> unmoved(worker).add(m.id());
      case Event.Said e when departures.containsKey(e.message()) ->
          leave(Objects.requireNonNull(departures.remove(e.message())));
      case Event.Said(long worker, Message.Recounted m) when recounts.containsKey(m) ->
          recounted(Objects.requireNonNull(recounts.remove(m)), worker, m.change());
      case Event.Said(long worker, Message.Redirected m) -> drains.said(worker, m);
      case Event.Died e -> {
        List<SimulatedClient> its =
            counted().filter(c -> c.owner == Owner.WORKER && c.worker == e.worker()).toList();
        drains.died(e.worker(), its.size());
        leave(its);
        managers.stream().filter(c -> c.asked == e.worker()).forEach(c -> c.asked = 0);
      }
      default -> {}
    }
  }

  /** Whether workers may be there that leave on their own account. */
  boolean hasSuperseded() {
    return happened.containsKey("superseded");
  }

  private Set<Long> unmoved(long worker) {
    return unmoved.computeIfAbsent(worker, _ -> new HashSet<>());
  }

  /** It has left its worker, before others serve in its place if they ever will. */
  private void leftEarly(long worker, SimulatedClient client) {
    String replacing = fleet.view().replacing();
    if (replacing != null && replacing.contains("moved first")) {
      early.merge(worker, client.group.size(), Integer::sum);
    }
  }

  private void lost(SimulatedClient client, long worker) {
    if (client.owner == Owner.WORKER) {
      heardGiven(worker);
      leftEarly(worker, client);
      stranded += client.group.size();
      drains.stranded();
      leave(client.group);
    }
  }

  private List<SimulatedClient> group(SimulatedClient first, HandoffKind.Saved kind) {
    return Stream.concat(
            Stream.of(first), kind.companions().stream().map(each -> client(each.id())))
        .toList();
  }

  private void soughtLost(SimulatedClient client) {
    if (client.owner == Owner.WORKER || (client.limited && !client.ended)) {
      sessions.soughtAndLost();
      stranded++;
      leave(List.of(client));
    }
  }

  private boolean isGivenAfterItsEnd(SimulatedClient client) {
    if (client.owner != Owner.NOBODY || (client.limited && !client.ended)) {
      return false;
    }
    note("given after its end"); // it was taken when the server's time was over
    givenAfterEnd += client.group.size();
    nonsense.add(client.id);
    return true;
  }

  private void sought(SimulatedClient client) {
    if (isGivenAfterItsEnd(client)) {
      return;
    }
    client.owner = Owner.MANAGER;
    client.source = 0;
    client.worker = 0;
    client.sinceMs = ownMs();
    client.wasRefused = false;
    managers.add(client);
    sessions.sought(client);
  }

  private void given(Event.Given event) {
    SimulatedClient client = client(event.handoff());
    long worker = event.worker();
    client.group = group(client, event.kind());
    if (isGivenAfterItsEnd(client)) {
      return;
    }
    sessions.moved(client);
    for (SimulatedClient each : client.group) {
      must(each.owner == Owner.WORKER && each.worker == worker, "not its worker's", each, worker);
      each.owner = Owner.MANAGER;
      each.source = worker;
    }
    client.sinceMs = nowMs;
    client.wasRefused = false;
    client.late = heardGiven(worker);
    managers.add(client);
    note(client.late ? "given late" : "given");
  }

  /** Whether it was more than it may give now. */
  private boolean heardGiven(long worker) {
    SimulatedWorker process = processes.get(worker);
    return process != null && ++process.heardGiven > process.granted;
  }

  private void leave(List<SimulatedClient> leaving) {
    leaving.forEach(client -> client.owner = Owner.NOBODY);
    open.removeAll(leaving);
    away.removeAll(leaving);
  }

  private boolean isBeyondLimit(SimulatedClient client) {
    Settings.Listener listener = current.listener(client.listener);
    if (listener != null) {
      Settings.Limits limits = listener.options().limits();
      if (isReached(limits.maxConnectionsPerPeer(), c -> c.countsAs(client) && isKnown(c))) {
        note("limited by peer");
        return true;
      }
      if (isReached(limits.maxConnections(), c -> c.listener == client.listener)) {
        note("limited");
        return true;
      }
    }
    if (isReached(current.settings().server().maxConnections(), _ -> true)) {
      note("limited by all listeners together");
      return true;
    }
    return false;
  }

  /** Whose connection it is: a worker says so only if its own generation has a limit per peer. */
  private boolean isKnown(SimulatedClient client) {
    if (client.owner == Owner.MANAGER) {
      return true;
    }
    Settings.Listener listener =
        Objects.requireNonNull(generations.get(client.worker)).listener(client.listener);
    return listener != null && listener.options().limits().maxConnectionsPerPeer() > 0;
  }

  private boolean isReached(int limit, Predicate<SimulatedClient> counts) {
    return limit > 0 && open.stream().filter(counts).count() >= limit;
  }

  // Effects.

  private void perform(Effect effect) {
    switch (effect) {
      case Effect.Spawn e -> spawn(e);
      case Effect.Introduce e -> introduce(e);
      case Effect.Tell e -> tell(e);
      case Effect.Place e -> place(e);
      case Effect.Recall e -> recall(e.worker());
      case Effect.Kill e -> {
        SimulatedWorker process = processes.get(e.worker());
        if (process != null && e.how() == Effect.How.KILL) {
          process.killed = true;
        }
      }
      case Effect.Release e -> released(client(e.handoff()));
      case Effect.End e -> ended(e.handoff());
      case Effect.TurnAway e -> ended(e.handoff());
      case Effect.RefuseNew _, Effect.Report _ -> {}
      case Effect.StopListening _ -> {
        for (int n = started ? random.nextInt(4) : 0; n > 0; n--) {
          accept();
        }
        events.addLast(new Event.ListenersClosed());
      }
      case Effect.Switch e -> turn(e.to());
      case Effect.Forget e -> {
        note("forgotten");
        must(e.generation() != current.number(), "the current generation is forgotten");
        must(
            processes.values().stream().noneMatch(p -> p.generation.number() == e.generation()),
            "a generation is forgotten that has a process",
            e.generation());
      }
      case Effect.Done e -> done(e.outcome());
      case Effect.Started _ -> {
        note("started");
        must(!started, "started twice");
        started = true;
      }
      case Effect.Finished e -> {
        must(!finished, "finished twice");
        must(e.failure().isEmpty() == started, "failure", e.failure());
        finished = true;
      }
    }
  }

  private void spawn(Effect.Spawn effect) {
    boolean isNext = next != null && effect.generation() == next.number();
    Generation generation = isNext ? Objects.requireNonNull(next) : current;
    must(generation.number() == effect.generation(), "a worker of which generation", effect);
    long others = processes.values().stream().filter(p -> p.slot == effect.slot()).count();
    int most = (isBeingReplaced() ? 2 : 0) + (hasSuperseded() ? 3 : 0);
    must(others <= most, "other processes in its slot", others, effect);
    generations.put(effect.worker(), generation);
    note("spawn");
    if (started && random.nextInt(50) == 0) {
      note("spawn failed");
      events.addLast(new Event.SpawnFailed(effect.worker(), "Cannot allocate memory"));
    } else {
      processes.put(
          effect.worker(),
          new SimulatedWorker(
              effect.worker(),
              effect.slot(),
              generation,
              isNext && nextIsBad,
              isNext ? nextsTemper : SimulatedWorker.Temper.GOOD));
      events.addLast(new Event.Spawned(effect.worker(), 10_000 + (int) effect.worker()));
    }
  }

  private void introduce(Effect.Introduce effect) {
    SimulatedWorker newcomer = processes.get(effect.worker());
    if (newcomer == null) {
      must(dying != null && dying.id == effect.worker(), "no such worker is introduced", effect);
    } else {
      must(newcomer.heardJoined, "a worker is introduced that has not joined", effect);
      must(!newcomer.heardReady, "a worker is introduced that is READY", effect);
      if (started && (effect.worker() + nowMs) % 16 == 0) {
        note("not introduced");
        events.addLast(new Event.NotIntroduced(effect.worker(), "Too many open files"));
        return;
      }
      newcomer.introduced = true;
    }
    for (long each : effect.neighbours()) {
      SimulatedWorker neighbour = each == effect.worker() ? null : processes.get(each);
      boolean isThere = neighbour != null && neighbour.heardJoined;
      must(
          isThere || (dying != null && dying.id == each),
          "a worker is introduced to one that has not joined",
          each,
          effect);
      note("introduced");
      must(introduced.add(pair(effect.worker(), each)), "introduced twice", each, effect);
    }
  }

  private static Set<Long> pair(long one, long other) {
    return Set.of(one, other);
  }

  /** All that have joined have a link to each other. */
  void checkIntroductions() {
    List<SimulatedWorker> joined =
        processes.values().stream().filter(p -> p.introduced && !p.killed).toList();
    for (SimulatedWorker one : joined) {
      for (SimulatedWorker other : joined) {
        must(
            one == other || introduced.contains(pair(one.id, other.id)),
            "two workers have no link",
            one.id,
            other.id);
      }
    }
  }

  private void tell(Effect.Tell effect) {
    SimulatedWorker process = processes.get(effect.worker());
    if (process == null) {
      return;
    }
    if (effect.message() instanceof Message.FormInUse readable) {
      must(process.heardReady, "its worker is not READY", effect);
      must(!readable.form().equals(process.readable), "nothing new", effect);
      process.readable = readable.form();
      return;
    }
    if (effect.message() instanceof Message.AllowMigrations give) {
      must(
          give.total() != process.granted || give.first() != process.givesFirst,
          "nothing new",
          effect);
      process.givesFirst = give.first();
      long before = process.granted;
      process.granted = give.total();
      process.promised = Math.max(process.promised, give.total());
      if (give.total() > before) {
        checkFrozen();
      } else if (give.total() < before) {
        note("allowance taken back");
      }
    }
    if (effect.message().equals(DRAIN_EMPTY) && !stopping) {
      must(
          counted().noneMatch(c -> (c.isMoving() ? c.source : c.worker) == process.id),
          "it has connections, or may get them back",
          effect);
    }
    process.inPipe.addLast(effect.message());
  }

  boolean isBeingReplaced() {
    return fleet.view().replacing() != null;
  }

  /** No worker may write what another one cannot read, and all may write what all can read. */
  private void checkReadable() {
    List<SimulatedWorker> living =
        processes.values().stream().filter(p -> p.heardReady && !p.killed).toList();
    Optional<SavedForm> common = living.stream().map(SimulatedWorker::reads).reduce(SavedForm::and);
    boolean allKnown = processes.values().stream().noneMatch(p -> p.heardReady && p.killed);
    for (SimulatedWorker process : living) {
      SavedForm told = Objects.requireNonNull(process.readable);
      must(told.and(common.get()).equals(told), "it may write what somebody cannot read", told);
      must(!allKnown || told.equals(common.get()), "it may not write what all can read", told);
    }
  }

  /** Those that may be given, and those that are on their way. */
  private void checkFrozen() {
    long allowed =
        processes.values().stream().mapToLong(p -> Math.max(0, p.granted - p.heardGiven)).sum();
    long moving = managers.stream().filter(c -> c.isMoving() && !c.late).count();
    must(
        allowed + moving <= current.settings().fleet().migration().maxFrozen(),
        "so many may be given, and so many are on their way",
        allowed,
        moving);
  }

  private void place(Effect.Place effect) {
    SimulatedClient client = client(effect.handoff());
    must(client.owner == Owner.MANAGER, "not the manager's", client);
    if (client.search != null) {
      must(effect.kind() instanceof Unserved, "its kind", effect);
      sessions.place(client, effect.worker(), (Unserved) effect.kind());
    } else {
      checkKind(effect, client);
    }
    must(effect.listener() == client.listener, "another listener", effect);
    SimulatedWorker process = processes.get(effect.worker());
    if (process == null || random.nextInt(50) == 0) {
      note("blocked");
      events.addLast(new Event.Blocked(effect.worker(), effect.handoff()));
      return;
    }
    must(process.heardReady, "its worker is not READY", effect);
    must(process.generation.has(client.listener), "its worker has no such listener", effect);
    boolean isNewcomer = process.generation.number() > current.number();
    must(
        client.source != 0
            || client.search == Search.ASK
            || !isNewcomer
            || !current.has(client.listener),
        "a new client goes to a newcomer",
        effect);
    if (isNewcomer) {
      note("canary");
    }
    for (SimulatedWorker other : processes.values()) {
      must(!other.received.contains(client.id), "this worker has it already", effect, other.id);
      must(!other.connections.contains(client), "this worker has it already", effect, other.id);
    }
    if (!current.has(client.listener)) {
      note("placed on a leaver");
    }
    process.inPipe.addLast(
        new Message.Handoff(effect.handoff(), effect.listener(), effect.peer(), effect.kind()));
  }

  private static void checkKind(Effect.Place effect, SimulatedClient client) {
    HandoffKind saved =
        effect.worker() == client.source ? client.saved().returning() : client.saved();
    HandoffKind fresh = client.limited ? HandoffKind.BEYOND_LIMIT : HandoffKind.FRESH;
    must(effect.kind().equals(client.source == 0 ? fresh : saved), "its kind", effect);
  }

  private void recall(long worker) {
    SimulatedWorker process = processes.get(worker);
    if (process == null) {
      return;
    }
    List<Message> back = new ArrayList<>(process.inPipe);
    process.inPipe.clear();
    for (Message message : back) {
      if (message instanceof Message.Handoff handoff) {
        note(client(handoff.id()).isMoving() ? "recalled moving" : "recalled");
        events.addLast(new Event.Recalled(worker, handoff.id()));
      } else {
        process.inPipe.addLast(message);
      }
    }
  }

  private void released(SimulatedClient client) {
    boolean isMoving = client.isMoving();
    int connections = client.group.size();
    notManagers(client, client.limited ? Owner.NOBODY : Owner.WORKER);
    if (leavers.contains(client.worker) && !leavers.contains(client.source) && !client.limited) {
      leaversHad += connections;
    }
    if (client.search != null) {
      sessions.found(client);
    } else if (!isMoving) {
      taken += client.limited ? 0 : 1;
    } else if (client.worker == client.source) {
      note("returned");
      if (unmoved(client.source).add(client.id)) {
        returned += connections;
      }
    } else {
      note("migrated");
      unmoved(client.source).remove(client.id);
      if (Objects.requireNonNull(generations.get(client.worker)).number() > current.number()) {
        early.merge(client.source, connections, Integer::sum);
      }
      migrated += connections;
      if (connections > 1) {
        note("migrated with companions");
      }
    }
    client.group.forEach(each -> each.source = 0);
  }

  private void ended(long id) {
    if (nonsense.remove(id)) {
      return;
    }
    SimulatedClient client = client(id);
    boolean isMoving = client.isMoving();
    boolean allowed =
        stopping
            || client.wasRefused
            || nowMs - client.sinceMs > current.settings().fleet().handoffs().timeoutMs()
            || (isMoving && isLeft(client.source))
            || !current.has(client.listener);
    must(allowed, "may not be ended", client);
    notManagers(client, Owner.NOBODY);
    List<SimulatedClient> all = client.group;
    for (SimulatedClient each : all) {
      each.ended = true;
      open.remove(each);
      away.remove(each);
    }
    sessions.end(client);
    if (client.search != null) {
      note("seeker ended");
      stranded++;
    } else if (isMoving) {
      note("stranded");
      drains.stranded();
      leftEarly(client.source, client);
      stranded += all.size();
    } else if (client.limited) {
      note("limited client ended");
    } else {
      note("ended");
      refused++;
    }
  }

  /** It cannot take anything back. */
  private boolean isLeft(long worker) {
    SimulatedWorker process = processes.get(worker);
    return process == null || process.killed || process.draining;
  }

  private void notManagers(SimulatedClient client, Owner next) {
    must(client.owner == Owner.MANAGER, "not the manager's", client);
    client.group.forEach(each -> each.owner = next);
    managers.remove(client);
  }

  private void turn(Generation to) {
    boolean isBack = former != null && to.number() == former.number();
    must(isBack || to.equals(next), "another generation than the one that was asked for", to);
    if (isBack) {
      note("turned back");
      current = to;
      former = null;
      next = null;
      leavers.clear();
      return;
    }
    former = current;
    List<Integer> gone = new ArrayList<>(current.listeners());
    gone.removeAll(to.listeners());
    leavers.clear();
    processes.values().stream()
        .filter(p -> p.generation.number() == current.number())
        .forEach(p -> leavers.add(p.id));
    SimulatedWorker last = dying;
    if (last != null && last.generation.number() == current.number()) {
      leavers.add(last.id); // the manager hears its last words, and not yet of its death
    }
    leaversHad =
        counted()
            .filter(c -> leavers.contains(c.owner == Owner.MANAGER ? c.source : c.worker))
            .count();
    leaversHad +=
        early.entrySet().stream()
            .filter(each -> leavers.contains(each.getKey()))
            .mapToLong(Map.Entry::getValue)
            .sum();
    current = to;
    next = null;
    for (int listener : gone) {
      for (int n = random.nextInt(3); n > 0; n--) {
        accept(listener);
        note("last client of a listener");
      }
    }
  }

  private void done(Outcome outcome) {
    asked--;
    must(asked >= 0, "more outcomes than were asked for");
    must(outcome.to() == current.number(), "another generation serves", outcome);
    if (outcome.end() == Outcome.End.REFUSED) {
      note(outcome.kind() + " failed");
      return;
    }
    former = null;
    if (outcome.end() == Outcome.End.SUPERSEDED) {
      leavers.clear();
      return;
    }
    if (outcome.end() == Outcome.End.FAILED && outcome.failure().contains("could go on")) {
      note("canary failed");
    }
    if (outcome.end() == Outcome.End.FAILED && !stopping && !hasSuperseded()) {
      must(
          processes.values().stream().allMatch(p -> p.generation.number() == current.number()),
          "a worker of a generation that does not serve",
          outcome);
    }
    long all = outcome.migrated() + outcome.finished() + outcome.closed();
    if (!outcome.failure().isEmpty()) {
      note(outcome.kind() + " failed");
    } else {
      note(outcome.kind() + " done");
      must(!isBeingReplaced(), "done and going on");
      must(
          outcome.kind() != Outcome.Kind.RELOAD
              || hasSuperseded()
              || (all == leaversHad && outcome.from() != outcome.to()),
          "the leavers had so many connections",
          leaversHad,
          outcome);
    }
  }
}
