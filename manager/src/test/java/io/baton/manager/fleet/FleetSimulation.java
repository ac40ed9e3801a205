package io.baton.manager.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.config.Settings;
import io.baton.manager.fleet.FleetView.Phase;
import io.baton.pipe.Load;
import io.baton.pipe.Message;
import io.baton.pipe.PeerKey;
import io.baton.pipe.Refusal;
import io.baton.service.Peer;
import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;

/**
 * A world for one {@link Fleet}: a kernel with pipes, workers that boot, take, refuse, stop, babble
 * and die, and clients that connect, in an order that a seed decides. After every step it checks
 * what must always hold.
 */
final class FleetSimulation {
  private static final int LISTENERS = 2;

  private enum State {
    MANAGERS,
    TAKEN,
    ENDED,
    GONE
  }

  /** A client as the world knows it. */
  private static final class Client {
    final int listener;
    final Peer peer;
    final long acceptedMs;
    State state = State.MANAGERS;
    boolean limited;
    long worker;

    Client(int listener, Peer peer, long acceptedMs) {
      this.listener = listener;
      this.peer = peer;
      this.acceptedMs = acceptedMs;
    }
  }

  /** A worker's process and its pipe as the kernel would hold them. */
  private static final class SimulatedWorker {
    final long id;
    final int slot;
    final Deque<Message> inPipe = new ArrayDeque<>();
    final Deque<Message> toManager = new ArrayDeque<>();
    final List<Long> received = new ArrayList<>();
    final List<Client> connections = new ArrayList<>();
    boolean stopped;
    boolean killed;
    boolean saidReady;
    boolean managerHeardReady;
    boolean babbled;
    boolean draining;
    long taken;

    SimulatedWorker(long id, int slot) {
      this.id = id;
      this.slot = slot;
    }
  }

  private final Random random;
  private final Settings settings;
  private final Fleet fleet;
  private final Map<Long, SimulatedWorker> processes = new HashMap<>();
  private final Map<Long, Client> clients = new HashMap<>();
  private final Set<Client> open = new LinkedHashSet<>();
  private final IdentityHashMap<Message, List<Client>> departures = new IdentityHashMap<>();
  private final Set<Long> refused = new HashSet<>();
  private final Deque<Event> events = new ArrayDeque<>();
  private final StringBuilder trace = new StringBuilder();

  private long nowMs = 1_000_000;
  private long lastClient;
  private long ended;
  private long limited;
  private long turnedAway;
  private boolean stopping;
  private boolean started;
  private boolean finished;

  /** How often each kind of thing happened, over all runs: so that a test can see it did. */
  final Map<String, Integer> happened = new HashMap<>();

  FleetSimulation(long seed) {
    random = new Random(seed);
    settings = settings();
    fleet = new Fleet(Generation.first(settings), nowMs);
  }

  private Settings settings() {
    Settings.PlacementKind[] kinds = Settings.PlacementKind.values();
    return TestSettings.with(
        1 + random.nextInt(4),
        List.of(limits(), limits()),
        limit(12),
        kinds[random.nextInt(kinds.length)],
        new Settings.Fleet(
            1 + random.nextInt(8),
            100,
            30_000,
            5_000,
            1_000,
            random.nextBoolean() ? 3_000 : 0,
            500,
            4_000,
            100,
            2_000,
            1_500,
            1 + random.nextInt(4),
            6_000,
            64,
            1_000,
            new Settings.Rebalance(0, 950, 5, 25, 60_000)));
  }

  private Settings.Limits limits() {
    return new Settings.Limits(limit(8), limit(5), 0);
  }

  private int limit(int most) {
    return random.nextBoolean() ? 0 : 1 + random.nextInt(most);
  }

  private Peer peer() {
    return switch (random.nextInt(3)) {
      case 0 -> new Peer.Tcp(InetAddress.ofLiteral("127.0.0." + (1 + random.nextInt(2))), 4_711);
      case 1 -> new Peer.Unix(random.nextInt(1_000), random.nextInt(2));
      default -> new Peer.Vsock(3 + random.nextInt(2), random.nextInt(1_000));
    };
  }

  /** Runs one life of a server, from its start to its end. */
  void run() {
    try {
      deliver(new Event.Tick());
      int steps = 100 + random.nextInt(400);
      for (int i = 0; i < steps && !finished; i++) {
        step();
      }
      stopping = true;
      deliver(new Event.Stop(random.nextInt(4) == 0));
      for (int i = 0; i < 2_000 && !finished; i++) {
        step();
      }
      assertThat(finished).as("the server ends").isTrue();
      assertThat(processes).as("no process is left").isEmpty();
      assertThat(clients.values())
          .as("no client is left")
          .allMatch(client -> client.state == State.ENDED || client.state == State.GONE);
      assertThat(fleet.view().listeners()).allMatch(listener -> listener.open() == 0);
    } catch (Throwable e) {
      throw new AssertionError(e.getMessage() + "\n" + tail(), e);
    }
  }

  private String tail() {
    return trace.substring(Math.max(0, trace.length() - 6_000));
  }

  private void step() {
    int dice = random.nextInt(100);
    if (dice < 25) {
      pass(random.nextInt(60));
    } else if (dice < 27) {
      pass(random.nextInt(6_000));
    } else if (dice < 45) {
      accept();
    } else if (dice < 46) {
      turnedAway++;
      deliver(new Event.TurnedAway(random.nextInt(LISTENERS)));
    } else if (dice < 47 && !stopping && random.nextInt(40) == 0) {
      stopping = true;
      note("stop");
      deliver(new Event.Stop(random.nextBoolean()));
    } else if (!processes.isEmpty()) {
      List<SimulatedWorker> all = new ArrayList<>(processes.values());
      act(all.get(random.nextInt(all.size())));
    }
    check();
  }

  private void pass(long ms) {
    if (random.nextInt(200) == 0) {
      note("pause of the manager");
      nowMs += 100_000;
    }
    for (long left = ms; left >= 0 && !finished; left -= 200) {
      nowMs += Math.min(left, 200);
      deliver(new Event.Tick());
    }
  }

  private void accept() {
    int room = fleet.room(nowMs);
    for (int n = random.nextInt(4); n > 0 && room > 0; n--, room--) {
      accepted();
    }
    deliverAll();
  }

  private void accepted() {
    long id = ++lastClient;
    Client client = new Client(random.nextInt(LISTENERS), peer(), nowMs);
    clients.put(id, client);
    events.addLast(new Event.Accepted(id, client.listener, client.peer));
    note("accept");
  }

  private void act(SimulatedWorker process) {
    if (process.killed) {
      die(process, "was killed by SIGKILL");
      return;
    }
    int dice = random.nextInt(100);
    if (dice < 2) {
      note("death in " + (process.saidReady ? "service" : "boot"));
      die(process, "exited with 1");
    } else if (dice < 5) {
      process.stopped = !process.stopped;
      note(process.stopped ? "SIGSTOP" : "SIGCONT");
    } else if (!process.stopped) {
      live(process, dice);
    }
  }

  private void live(SimulatedWorker process, int dice) {
    if (!process.saidReady) {
      if (dice < 8) {
        note("failed boot");
        process.toManager.add(new Message.Failed("module examples: boom"));
        flush(process);
        die(process, "exited with 1");
      } else if (dice < 60) {
        process.saidReady = true;
        process.toManager.add(new Message.Ready());
        flush(process);
      }
    } else if (dice < 40) {
      receive(process, 1 + random.nextInt(4));
    } else if (dice < 75) {
      settle(process);
    } else if (dice < 82) {
      depart(process);
    } else if (dice < 88) {
      process.toManager.add(new Message.LoadReport(load(process)));
      flush(process);
    } else if (dice < 89 && !process.babbled && random.nextInt(4) == 0) {
      process.babbled = true;
      note("nonsense");
      switch (random.nextInt(6)) {
        case 0 -> deliver(new Event.Garbled(process.id, "an unknown message type 99"));
        case 1 -> deliver(new Event.Said(process.id, new Message.Taken(1_000_000)));
        case 2 -> deliver(new Event.Said(process.id, new Message.Departed(0, null, 1_000_000)));
        case 3 -> deliver(new Event.Said(process.id, new Message.Departed(LISTENERS, null, 1)));
        case 4 ->
            deliver(
                new Event.Said(
                    process.id, new Message.Departed(1, new PeerKey(PeerKey.Kind.VSOCK, 99), 1)));
        default -> deliver(new Event.Said(process.id, new Message.Ping(1)));
      }
    } else if (process.draining && process.received.isEmpty() && process.inPipe.isEmpty()) {
      note("drained");
      die(process, "exited with 0");
    } else {
      flush(process);
    }
  }

  private Load load(SimulatedWorker process) {
    return new Load(
        (int) process.taken,
        random.nextInt(10),
        random.nextInt(1001),
        random.nextInt(5),
        1,
        1,
        1,
        1,
        new Load.Counters(process.taken, 0, 0, 0, 0, 0, 0, 0, 0));
  }

  private void receive(SimulatedWorker process, int n) {
    for (; n > 0 && !process.inPipe.isEmpty(); n--) {
      switch ((Message.ToWorker) process.inPipe.removeFirst()) {
        case Message.Handoff m -> process.received.add(m.id());
        case Message.Ping m -> process.toManager.add(new Message.Pong(m.number()));
        case Message.Drain _ -> process.draining = true;
        case Message.Hello _, Message.Give _ -> {}
      }
    }
  }

  /** Takes or refuses what it has received; sometimes the answer stays in the pipe for a while. */
  private void settle(SimulatedWorker process) {
    for (long id : process.received) {
      if (process.draining || random.nextInt(12) == 0) {
        Refusal why = process.draining ? Refusal.DRAINING : Refusal.NO_DESCRIPTORS;
        note("refused " + why);
        refused.add(id);
        process.toManager.add(new Message.Refused(id, why));
      } else {
        Client client = client(id);
        assertThat(client.state).as("client %s when taken", id).isNotEqualTo(State.TAKEN);
        process.toManager.add(new Message.Taken(id));
        if (!client.limited) {
          process.taken++;
          process.connections.add(client);
        }
      }
    }
    process.received.clear();
    if (random.nextInt(4) > 0) {
      flush(process);
    }
  }

  /** Connections of one listener and peer end, and that is reported, now or with what comes. */
  private void depart(SimulatedWorker process) {
    if (process.connections.isEmpty()) {
      return;
    }
    Client first = process.connections.get(random.nextInt(process.connections.size()));
    List<Client> leaving = new ArrayList<>();
    for (Client each : process.connections) {
      if (key(each).equals(key(first)) && random.nextInt(3) > 0) {
        leaving.add(each);
      }
    }
    if (leaving.isEmpty()) {
      return;
    }
    note("departed");
    process.connections.removeAll(leaving);
    boolean named = limits(first).maxConnectionsPerPeer() > 0;
    Message message =
        new Message.Departed(first.listener, named ? PeerKey.of(first.peer) : null, leaving.size());
    departures.put(message, leaving);
    process.toManager.add(message);
    if (random.nextInt(4) > 0) {
      flush(process);
    }
  }

  private static List<Object> key(Client client) {
    return List.of(client.listener, PeerKey.of(client.peer));
  }

  private Settings.Limits limits(Client client) {
    return settings.listeners().get(client.listener).options().limits();
  }

  private Client client(long id) {
    return Objects.requireNonNull(clients.get(id));
  }

  private void flush(SimulatedWorker process) {
    for (Message message; (message = process.toManager.pollFirst()) != null; ) {
      process.managerHeardReady |= message instanceof Message.Ready;
      events.addLast(new Event.Said(process.id, message));
    }
    deliverAll();
  }

  private void die(SimulatedWorker process, String how) {
    processes.remove(process.id);
    for (Message message; (message = process.toManager.pollFirst()) != null; ) {
      events.addLast(new Event.Said(process.id, message));
    }
    events.addLast(new Event.Died(process.id, how, random.nextBoolean() ? null : "Killed"));
    deliverAll();
  }

  private void deliver(Event event) {
    events.addLast(event);
    deliverAll();
  }

  private void deliverAll() {
    for (Event event; (event = events.pollFirst()) != null; ) {
      trace.append(nowMs).append(' ').append(event).append('\n');
      foresee(event);
      for (Effect effect : fleet.on(event, nowMs)) {
        trace.append("    ").append(effect).append('\n');
        perform(effect);
      }
    }
  }

  /** What the event means for who is there, by the world's own count. */
  private void foresee(Event event) {
    switch (event) {
      case Event.Accepted e -> {
        Client client = client(e.handoff());
        client.limited = isBeyondLimit(client);
        if (client.limited) {
          limited++;
        } else {
          open.add(client);
        }
      }
      case Event.Said(long worker, Message.Taken taken) when clients.containsKey(taken.id()) ->
          client(taken.id()).worker = worker;
      case Event.Said e when departures.containsKey(e.message()) ->
          leave(Objects.requireNonNull(departures.remove(e.message())));
      case Event.Died e -> leave(open.stream().filter(c -> c.worker == e.worker()).toList());
      default -> {}
    }
  }

  private void leave(List<Client> leaving) {
    leaving.forEach(client -> client.state = State.GONE);
    open.removeAll(leaving);
  }

  private boolean isBeyondLimit(Client client) {
    Settings.Limits limits = limits(client);
    if (isReached(limits.maxConnectionsPerPeer(), c -> key(c).equals(key(client)))) {
      note("limited by peer");
      return true;
    }
    if (isReached(limits.maxConnections(), c -> c.listener == client.listener)) {
      note("limited");
      return true;
    }
    if (isReached(settings.maxConnections(), _ -> true)) {
      note("limited by all listeners together");
      return true;
    }
    return false;
  }

  private boolean isReached(int limit, Predicate<Client> counts) {
    return limit > 0 && open.stream().filter(counts).count() >= limit;
  }

  private void perform(Effect effect) {
    switch (effect) {
      case Effect.Spawn e -> spawn(e);
      case Effect.Tell e -> {
        SimulatedWorker process = processes.get(e.worker());
        if (process != null) {
          process.inPipe.addLast(e.message());
        }
      }
      case Effect.Place e -> place(e);
      case Effect.Recall e -> recall(e.worker());
      case Effect.Kill e -> {
        SimulatedWorker process = processes.get(e.worker());
        if (process != null && e.how() == Effect.How.KILL) {
          process.killed = true;
        }
      }
      case Effect.Release e ->
          become(e.handoff(), client(e.handoff()).limited ? State.GONE : State.TAKEN);
      case Effect.End e -> {
        boolean allowed =
            stopping
                || refused.contains(e.handoff())
                || nowMs - client(e.handoff()).acceptedMs > settings.fleet().handoffTimeoutMs();
        assertThat(allowed).as("client %s may be ended", e.handoff()).isTrue();
        become(e.handoff(), State.ENDED);
        if (open.remove(client(e.handoff()))) {
          ended++;
          note("ended");
        } else {
          note("limited client ended");
        }
      }
      case Effect.RefuseNew _, Effect.Switch _, Effect.Forget _, Effect.Done _ -> {}
      case Effect.StopListening _ -> {
        for (int n = started ? random.nextInt(4) : 0; n > 0; n--) {
          accepted();
        }
        events.addLast(new Event.ListenersClosed());
      }
      case Effect.Started _ -> {
        assertThat(started).as("started once").isFalse();
        started = true;
      }
      case Effect.Report _ -> {}
      case Effect.Finished e -> {
        assertThat(finished).as("finished once").isFalse();
        assertThat(e.failure().isEmpty()).as("failure: " + e.failure()).isEqualTo(started);
        finished = true;
      }
    }
  }

  private void spawn(Effect.Spawn effect) {
    for (SimulatedWorker other : processes.values()) {
      assertThat(other.slot != effect.slot() || other.draining)
          .as("slot %s is free", effect.slot())
          .isTrue();
    }
    note("spawn");
    if (started && random.nextInt(20) == 0) {
      note("spawn failed");
      events.addLast(new Event.SpawnFailed(effect.worker(), "Cannot allocate memory"));
    } else {
      processes.put(effect.worker(), new SimulatedWorker(effect.worker(), effect.slot()));
      events.addLast(new Event.Spawned(effect.worker(), 10_000 + (int) effect.worker()));
    }
  }

  private void place(Effect.Place effect) {
    Client client = client(effect.handoff());
    assertThat(client.state).isEqualTo(State.MANAGERS);
    assertThat(effect.as() == Effect.Arrival.BEYOND_LIMIT)
        .as("client %s is beyond a limit", effect.handoff())
        .isEqualTo(client.limited);
    assertThat(effect.listener()).isEqualTo(client.listener);
    SimulatedWorker process = processes.get(effect.worker());
    if (process == null || random.nextInt(50) == 0) {
      note("blocked");
      events.addLast(new Event.Blocked(effect.worker(), effect.handoff()));
      return;
    }
    assertThat(process.managerHeardReady).as("worker %s is READY", process.id).isTrue();
    for (SimulatedWorker other : processes.values()) {
      assertThat(other.received).doesNotContain(effect.handoff());
    }
    process.inPipe.addLast(
        new Message.Handoff(
            effect.handoff(),
            effect.listener(),
            effect.peer(),
            client.limited ? Message.Condition.BEYOND_LIMIT : Message.Condition.FRESH));
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
        note("recalled");
        events.addLast(new Event.Recalled(worker, handoff.id()));
      } else {
        process.inPipe.addLast(message);
      }
    }
  }

  private void become(long id, State next) {
    Client client = client(id);
    assertThat(client.state).as("client %s", id).isEqualTo(State.MANAGERS);
    client.state = next;
  }

  private void check() {
    FleetView view = fleet.view();
    long managers = clients.values().stream().filter(c -> c.state == State.MANAGERS).count();
    long untaken = view.workers().stream().mapToLong(FleetView.WorkerView::untaken).sum();
    assertThat(view.waiting() + untaken).as("clients of the manager").isEqualTo(managers);
    assertThat(view.listeners().stream().mapToLong(FleetView.ListenerCounts::accepted).sum())
        .as("accepted")
        .isEqualTo(lastClient);
    assertThat(view.listeners().stream().mapToLong(FleetView.ListenerCounts::refused).sum())
        .as("refused")
        .isEqualTo(ended + turnedAway);
    assertThat(view.listeners().stream().mapToLong(FleetView.ListenerCounts::limited).sum())
        .as("limited")
        .isEqualTo(limited);
    for (int i = 0; i < LISTENERS; i++) {
      int listener = i;
      assertThat(view.listeners().get(i).open())
          .as("open connections of listener %s", i)
          .isEqualTo((int) open.stream().filter(c -> c.listener == listener).count());
    }
    Set<Integer> slots = new HashSet<>();
    for (FleetView.WorkerView worker : view.workers()) {
      assertThat(worker.untaken()).isLessThanOrEqualTo(settings.fleet().maxUnacked());
      assertThat(slots.add(worker.slot()) || worker.state().equals("DRAINING")).isTrue();
      assertThat(worker.retryInMs())
          .as("back-off")
          .isLessThanOrEqualTo(
              Math.max(settings.fleet().backoffMaxMs(), settings.fleet().breakerRetryMs()));
    }
    assertThat(slots).hasSizeLessThanOrEqualTo(settings.workers());
    if (view.phase() == Phase.RUNNING) {
      assertThat(slots).hasSize(settings.workers());
    }
  }

  private void note(String what) {
    happened.merge(what, 1, Integer::sum);
  }
}
