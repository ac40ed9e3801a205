package io.baton.worker.services;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.baton.mesh.MeshMessage;
import io.baton.mesh.MeshMessage.Ask;
import io.baton.mesh.MeshMessage.Synced;
import io.baton.mesh.MeshMessage.Verdict;
import io.baton.mesh.MeshMessage.Withdraw;
import io.baton.worker.memory.LimitedMemory;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Workers of several machines that ask each other, from a seed. They are replaced in their slots,
 * and, in the rough mode, die and are stopped at any step, their links are narrow and begin anew,
 * and the broker between the machines loses messages and connections, and who is alive is taken for
 * dead. Whoever listens at the broker may say once more, at any time, what somebody has said there.
 *
 * <p>Each message is an event of its own; each link keeps its order, and so does the broker for
 * what one worker says to another. One more fact is the event loop's: before a worker takes note of
 * a withdrawal, or asks because its neighbours are synced, it has read what lay in its other links
 * when that was sent.
 */
final class ServiceSimulation {
  static final String NAME = "a";
  private static final int MOST_SLOTS = 3;
  private static final int MOST_MACHINES = 3;
  private static final int NARROW = 6;
  private static final int MOST_OVERHEARD = 100;

  /** What the socket of a link holds: it is read even if its sender drops what waits. */
  private static final int SOCKET = 2;

  /** The answer to the first word of somebody, which means nothing else here. */
  private static final MeshMessage GREETING = new MeshMessage.Unwant("");

  enum Mode {
    RELOADS,
    ROUGH
  }

  /** What workers hold to, so that it can be shown what happens if they do not. */
  enum Rules {
    OURS,
    /** A worker that withdraws does not wait until others have said that they know. */
    HASTY,
    /** Withdrawals are read in any order with what lies in other links. */
    UNORDERED,
    /** No successor on another machine is waited for. */
    IMPATIENT,
    /** A worker that has dropped what waited for another one does not say so. */
    SILENT
  }

  /** What lies in a link: a message, or without one that it is there, or its end. */
  private record Item(long order, boolean death, @Nullable MeshMessage message) {}

  /** What has come by the broker, which others may have heard as well. */
  private record Overheard(Worker to, long from, MeshMessage message) {}

  /** An ask, and how often it has ended. */
  private static final class Asked {
    int outcomes;
  }

  private final class Worker implements ServiceOutput {
    final long number;
    final int machine;
    final int slot;
    final ServiceRouter router;
    final RemoteWorkers remote;
    final Map<Long, Deque<Item>> inbox = new TreeMap<>();
    final Set<Long> linked = new HashSet<>();
    final Set<Long> unsynced = new HashSet<>();

    /** Those of other machines that were there before this worker, and have not greeted it. */
    final Set<Long> ungreeted = new HashSet<>();

    /**
     * Neighbours for which this worker has dropped what waited, and takes nothing before they know.
     */
    final Set<Long> overfull = new HashSet<>();

    final List<Long> answering = new ArrayList<>();
    final Map<Long, byte[]> questions = new HashMap<>();
    final LimitedMemory memory = new LimitedMemory();
    boolean open;
    boolean leaving;
    boolean withdrawn;
    boolean stopped;
    boolean connected = true;

    /** Whether it knows all others, as far as can be known. */
    boolean knows;

    Worker(long number, int machine, int slot) {
      this.number = number;
      this.machine = machine;
      this.slot = slot;
      machineOf.put(number, machine);
      router = new ServiceRouter(number, slot, random, memory, this);
      remote = new RemoteWorkers(router, memory, rules == Rules.IMPATIENT ? 0 : 500);
      if (machines > 1) {
        router.cluster(machine);
        router.connected(true);
      }
      boolean isOffering = machine == 1 || machine <= offering;
      if (isOffering && (slot == 0 || slot < slots - 1)) { // the last one asks only
        router.offer(NAME);
      }
    }

    boolean isNear(long other) {
      return machineOf.getOrDefault(other, 0) == machine;
    }

    /** What another worker has sent and this one has not read. */
    Deque<Item> link(long from) {
      return Objects.requireNonNull(inbox.get(from));
    }

    @Override
    public boolean send(long neighbour, MeshMessage message) {
      check(linked.contains(neighbour), "sends " + message + " to one that is gone");
      Worker to = workers.get(neighbour);
      if (!isNear(neighbour)) {
        return sendByBroker(to, message);
      }
      if (to == null) {
        return true; // it will hear of the death
      }
      if (overfull.contains(neighbour)) {
        return false;
      }
      Deque<Item> link = to.link(number);
      boolean refusable = message instanceof Ask || message instanceof MeshMessage.Answer;
      if (mode == Mode.ROUGH && refusable && link.size() >= NARROW) {
        happened("refused");
        return false;
      }
      link.add(new Item(++order, false, message));
      return true;
    }

    /** What waits for a neighbour is dropped, except that there is a link. */
    void overfill(Worker to) {
      overfull.add(to.number);
      Deque<Item> link = to.link(number);
      while (link.size() > SOCKET && link.getLast().message != null) {
        link.removeLast();
      }
    }

    /** Says to neighbours that links begin anew, if they have room for that; returns whether so. */
    boolean beginAnew() {
      boolean any = false;
      for (long each : List.copyOf(overfull)) {
        Worker to = workers.get(each);
        if (to == null) {
          overfull.remove(each);
        } else if (to.link(number).size() < SOCKET) {
          overfull.remove(each);
          if (rules == Rules.SILENT) {
            continue;
          }
          to.link(number).add(new Item(++order, false, new MeshMessage.Reset()));
          reset(each);
          any = true;
        }
      }
      return any;
    }

    private void reset(long neighbour) {
      happened("reset");
      router.reset(neighbour);
      boolean _ = send(neighbour, new Synced());
    }

    private boolean sendByBroker(@Nullable Worker to, MeshMessage message) {
      if (connected && to != null && to.connected) {
        if (isLossy && random.nextInt(20) == 0) {
          happened("lost");
        } else {
          to.fromBroker(number).add(new Item(++order, false, message));
        }
      }
      return connected;
    }

    Deque<Item> fromBroker(long from) {
      return inbox.computeIfAbsent(from, _ -> new ArrayDeque<>());
    }

    @Override
    public void sendToMachines(MeshMessage message) {
      others().forEach(each -> sendByBroker(each, message));
    }

    List<Worker> others() {
      return workers.values().stream().filter(each -> each.machine != machine).toList();
    }

    /** Says that it is there, by a message that means nothing else here. */
    void hello() {
      sendToMachines(new Synced());
    }

    void connect(boolean isUp) {
      connected = isUp;
      if (!isUp) {
        inbox.forEach((from, messages) -> {
          if (!isNear(from)) {
            messages.clear();
          }
        });
      }
      router.connected(isUp);
      hello();
    }

    void vanished(long other) {
      linked.remove(other);
      remote.vanished(other);
    }

    @Override
    public void respond(long accepted, Ask question) {
      answering.add(accepted);
      questions.put(accepted, question.content());
      check(executed.add(new String(question.content(), UTF_8)), "a question is answered twice");
    }

    @Override
    public void changed(String name) {}

    void ask(@Nullable String key, int timeoutMs, List<String> answers) {
      Asked asked = new Asked();
      asks.add(asked);
      byte[] content = (number + "/" + asks.size()).getBytes(UTF_8);
      router.ask(
          NAME,
          key,
          content,
          timeoutMs,
          result -> {
            asked.outcomes++;
            check(asked.outcomes == 1, "an ask has ended twice");
            switch (result) {
              case AskResult.Answered its -> {
                happened("ANSWERED");
                answers.add(new String(its.content(), UTF_8));
              }
              case AskResult.Unanswered its -> {
                happened(its.reason().name());
                check(mode == Mode.ROUGH, "all are answered while nobody dies, not: " + its.text());
              }
            }
          },
          nowMs);
    }

    void answerOne() {
      if (!answering.isEmpty()) {
        long accepted = answering.remove(random.nextInt(answering.size()));
        byte[] question = questions.remove(accepted);
        check(question != null, "no question");
        router.answered(
            accepted, Verdict.ANSWERED, "by %d:%d".formatted(machine, slot).getBytes(UTF_8));
      }
    }

    /** Reads one item of a link; returns false if there is none. */
    boolean read(long from) {
      Deque<Item> link = inbox.get(from);
      if (link == null || link.isEmpty()) {
        return false;
      }
      Item item = link.element();
      if (!isNear(from)) {
        handleFromBroker(from, link.remove());
        return true;
      }
      boolean isOrdered = item.message instanceof Withdraw || item.message instanceof Synced;
      if (isOrdered && rules != Rules.UNORDERED) {
        for (Map.Entry<Long, Deque<Item>> each : List.copyOf(inbox.entrySet())) {
          while (each.getKey() != from
              && isNear(each.getKey())
              && isEarlier(each.getValue(), item.order)) {
            boolean _ = read(each.getKey());
          }
        }
      }
      link.remove();
      handle(from, item);
      return true;
    }

    private boolean isEarlier(Deque<Item> link, long than) {
      return !link.isEmpty()
          && link.element().order < than
          && !(link.element().message instanceof Withdraw);
    }

    private void handle(long from, Item item) {
      MeshMessage message = item.message;
      if (item.death) {
        inbox.remove(from);
        linked.remove(from);
        unsynced.remove(from);
        router.died(from);
      } else if (message == null) {
        linked.add(from);
        router.introduced(from);
        boolean _ = send(from, new Synced());
      } else if (message instanceof Synced) {
        unsynced.remove(from);
      } else if (message instanceof MeshMessage.Reset) {
        reset(from);
      } else {
        router.received(from, message, nowMs);
      }
      if (!open && unsynced.isEmpty()) {
        open = true;
        router.open();
      }
    }

    private void handleFromBroker(long from, Item item) {
      MeshMessage message = item.message;
      if (message == null) {
        inbox.remove(from);
        ungreeted.remove(from);
        vanished(from);
        remote.forgotten(from);
        return;
      }
      if (linked.add(from)) {
        remote.appeared(from, machineOf.getOrDefault(from, 0));
        boolean _ = sendByBroker(workers.get(from), GREETING);
      }
      if (message.equals(GREETING)) {
        ungreeted.remove(from);
      }
      remote.received(from, message, nowMs);
      overhear(new Overheard(this, from, message));
    }

    void turn() {
      boolean _ = beginAnew();
      List<Long> links = List.copyOf(inbox.keySet());
      for (int i = 0; i < links.size(); i++) {
        boolean _ = read(links.get(random.nextInt(links.size())));
      }
      for (long each : List.copyOf(linked)) {
        Worker other = workers.get(each);
        if (!isNear(each) || (other != null && other.link(number).isEmpty())) {
          router.writable(each);
        }
      }
    }
  }

  private final long seed;
  private final Mode mode;
  private final Rules rules;
  private final int machines;
  private final int offering;
  private final int slots;
  private final int steps;
  private final Map<String, Integer> happened;
  private final Random random;
  private final Map<Long, Worker> workers = new TreeMap<>();
  private final List<Asked> asks = new ArrayList<>();
  private final Set<String> executed = new HashSet<>();
  private final Map<Long, Integer> machineOf = new HashMap<>();
  private final List<Overheard> overheard = new ArrayList<>();
  private boolean isLossy;
  private long order;
  private long lastWorker;
  private long nowMs;

  ServiceSimulation(long seed, Mode mode, Rules rules, int steps, Map<String, Integer> happened) {
    this.seed = seed;
    this.mode = mode;
    this.rules = rules;
    this.steps = steps;
    this.happened = happened;
    this.random = new Random(seed);
    this.slots = 1 + random.nextInt(MOST_SLOTS);
    this.machines = 1 + random.nextInt(MOST_MACHINES);
    this.offering = 1 + random.nextInt(machines);
    this.isLossy = mode == Mode.ROUGH;
  }

  private void happened(String what) {
    happened.merge(what, 1, Integer::sum);
  }

  private void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError("seed %d, %s, at %d ms: %s".formatted(seed, mode, nowMs, otherwise));
    }
  }

  private void overhear(Overheard its) {
    if (overheard.size() < MOST_OVERHEARD) {
      overheard.add(its);
    } else {
      overheard.set(random.nextInt(MOST_OVERHEARD), its);
    }
  }

  /** Says something once more to a worker that knows who had said it. */
  private void replay() {
    if (!overheard.isEmpty()) {
      Overheard its = overheard.get(random.nextInt(overheard.size()));
      if (workers.containsValue(its.to) && its.to.linked.contains(its.from)) {
        happened("replay");
        its.to.remote.received(its.from, its.message, nowMs);
      }
    }
  }

  private void spawn(int machine, int slot) {
    Worker newcomer = new Worker(++lastWorker, machine, slot);
    for (Worker each : workers.values()) {
      if (each.machine == machine) {
        newcomer.inbox.put(each.number, new ArrayDeque<>(List.of(new Item(++order, false, null))));
        newcomer.unsynced.add(each.number);
        each.inbox.put(newcomer.number, new ArrayDeque<>(List.of(new Item(++order, false, null))));
      }
    }
    workers.put(newcomer.number, newcomer);
    newcomer.others().forEach(each -> newcomer.ungreeted.add(each.number));
    newcomer.hello();
    if (newcomer.unsynced.isEmpty()) {
      newcomer.open = true;
      newcomer.router.open();
    }
    happened("spawn");
  }

  private void end(Worker worker) {
    workers.remove(worker.number);
    worker.router.close();
    for (Worker each : workers.values()) {
      Item death = new Item(++order, true, null);
      if (each.machine == worker.machine) {
        each.link(worker.number).add(death);
      } else if (each.connected && !(isLossy && random.nextInt(4) == 0)) {
        each.fromBroker(worker.number).add(death);
      }
    }
    if (at(worker.machine, worker.slot).isEmpty()) {
      spawn(worker.machine, worker.slot);
    }
  }

  private List<Worker> at(int machine, int slot) {
    return workers.values().stream()
        .filter(each -> each.machine == machine && each.slot == slot)
        .toList();
  }

  private Worker any(RandomGenerator by) {
    List<Worker> all = List.copyOf(workers.values());
    return all.get(by.nextInt(all.size()));
  }

  void run() {
    for (int machine = 1; machine <= machines; machine++) {
      for (int slot = 0; slot < slots; slot++) {
        spawn(machine, slot);
      }
    }
    settle();
    List<String> answers = new ArrayList<>();
    for (int i = 0; i < steps; i++) {
      step(answers);
    }
    settle();
    heal();
    assertOneHolderPerKey();
    nowMs += 10_000;
    for (Worker each : workers.values()) {
      each.router.tick(nowMs);
      List.copyOf(each.linked).stream().filter(it -> !each.isNear(it)).forEach(each::vanished);
    }
    for (Asked each : asks) {
      check(each.outcomes == 1, "an ask has no outcome");
    }
    for (Worker each : workers.values()) {
      check(each.memory.held == 0, "memory is left over: " + each.memory.held);
    }
  }

  private void step(List<String> answers) {
    Worker worker = any(random);
    int dice = random.nextInt(mode == Mode.ROUGH ? 1_010 : 1_000);
    if (dice < 150) {
      if (worker.open && !worker.stopped && !worker.withdrawn) {
        worker.knows |= mode == Mode.ROUGH || worker.ungreeted.isEmpty();
        if (!worker.knows) {
          return;
        }
        String key = random.nextBoolean() ? "key" + random.nextInt(5) : null;
        int timeoutMs = mode == Mode.ROUGH ? 1 + random.nextInt(50) : 100_000;
        worker.ask(key, timeoutMs, answers);
      }
    } else if (dice < 300) {
      List<Worker> busy =
          workers.values().stream()
              .filter(each -> !each.stopped && !each.answering.isEmpty())
              .toList();
      if (!busy.isEmpty()) {
        busy.get(random.nextInt(busy.size())).answerOne();
      }
    } else if (dice < 400) {
      replace(1 + random.nextInt(machines), random.nextInt(slots));
    } else if (dice < 500) {
      nowMs += 1;
      tick();
      replay();
      if (mode == Mode.ROUGH) {
        disturb(any(random));
        overfillOne(any(random));
      }
    } else if (dice < 1_000) {
      if (!worker.stopped) {
        worker.turn();
      }
    } else if (dice < 1_004) {
      end(worker);
      happened("death");
    } else {
      worker.stopped = !worker.stopped;
      happened("stop");
    }
  }

  private void tick() {
    for (Worker each : List.copyOf(workers.values())) {
      if (each.stopped) {
        continue;
      }
      each.router.tick(nowMs);
      each.remote.tick(nowMs);
      if (each.leaving) {
        each.withdrawn = true;
        each.router.withdraw(nowMs);
        boolean hasty = rules == Rules.HASTY && each.router.answering() == 0;
        if (hasty || each.router.isIdle()) {
          happened("left");
          end(each);
        }
      }
    }
  }

  /** Has a slot's worker replaced, step by step. */
  private void replace(int machine, int slot) {
    List<Worker> its = at(machine, slot);
    Worker youngest = its.getLast();
    if (its.size() == 1) {
      spawn(machine, slot);
    } else if (youngest.open) {
      for (Worker each : its) {
        if (each != youngest && each.open && !each.leaving && !each.stopped) {
          each.leaving = true;
          each.router.leave();
        }
      }
    }
  }

  private void overfillOne(Worker worker) {
    List<Worker> near =
        workers.values().stream()
            .filter(each -> worker.isNear(each.number) && worker.linked.contains(each.number))
            .toList();
    if (!near.isEmpty() && random.nextInt(10) == 0) {
      worker.overfill(near.get(random.nextInt(near.size())));
    }
  }

  /** The broker, or who listens to it, does what may happen. */
  private void disturb(Worker worker) {
    worker.hello();
    for (long each : List.copyOf(worker.linked)) {
      boolean isDead = !workers.containsKey(each);
      if (worker.connected && !worker.isNear(each) && random.nextInt(isDead ? 5 : 500) == 0) {
        worker.vanished(each);
        happened(isDead ? "found dead" : "silent");
      }
    }
    if (machines > 1 && random.nextInt(worker.connected ? 50 : 5) == 0) {
      worker.connect(!worker.connected);
      happened("interruption");
    }
  }

  /** The broker works, and all have had the time to say again what was lost. */
  private void heal() {
    isLossy = false;
    for (Worker each : workers.values()) {
      if (!each.connected) {
        each.connect(true);
      }
      List.copyOf(each.linked).stream()
          .filter(it -> !each.isNear(it) && !workers.containsKey(it))
          .forEach(each::vanished);
    }
    for (int i = 0; i < 3; i++) {
      nowMs += ServiceLimits.LOAD_MS;
      workers.values().forEach(Worker::hello);
      tick();
      settle();
    }
  }

  /** Lets all be read and answered. */
  private void settle() {
    boolean busy = true;
    while (busy) {
      busy = false;
      for (Worker each : List.copyOf(workers.values())) {
        each.stopped = false;
        for (long from : List.copyOf(each.inbox.keySet())) {
          while (each.read(from)) {
            busy = true;
          }
        }
        while (!each.answering.isEmpty()) {
          each.answerOne();
          busy = true;
        }
        busy |= each.beginAnew();
        for (long to : List.copyOf(each.linked)) {
          each.router.writable(to);
        }
      }
    }
  }

  private void assertOneHolderPerKey() {
    for (int key = 0; key < 20; key++) {
      List<String> answers = new ArrayList<>();
      List<Worker> all = List.copyOf(workers.values());
      for (Worker each : all) {
        each.ask("final" + key, 10_000, answers);
        settle();
      }
      check(answers.size() == all.size(), "not all are answered: " + answers);
      check(new HashSet<>(answers).size() == 1, "a key has several holders: " + answers);
    }
  }
}
