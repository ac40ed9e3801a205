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
 * Workers that ask each other, from a seed. They are replaced in their slots, and, in the rough
 * mode, die and are stopped at any step, and their links are narrow.
 *
 * <p>Each message is an event of its own; each link keeps its order. One more fact is the event
 * loop's: before a worker takes note of a withdrawal, it has read what lay in its other links when
 * that was sent.
 */
final class ServiceSimulation {
  static final String NAME = "a";
  private static final int MOST_SLOTS = 3;
  private static final int NARROW = 6;

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
    UNORDERED
  }

  /** What lies in a link: a message, or without one that it is there, or its end. */
  private record Item(long order, boolean death, @Nullable MeshMessage message) {}

  /** An ask, and how often it has ended. */
  private static final class Asked {
    int outcomes;
  }

  private final class Worker implements ServiceOutput {
    final long number;
    final int slot;
    final ServiceRouter router;
    final Map<Long, Deque<Item>> inbox = new TreeMap<>();
    final Set<Long> linked = new HashSet<>();
    final Set<Long> unsynced = new HashSet<>();
    final List<Long> answering = new ArrayList<>();
    final Map<Long, byte[]> questions = new HashMap<>();
    final LimitedMemory memory = new LimitedMemory();
    boolean open;
    boolean leaving;
    boolean withdrawn;
    boolean stopped;

    Worker(long number, int slot) {
      this.number = number;
      this.slot = slot;
      router = new ServiceRouter(number, slot, random, memory, this);
      if (slot == 0 || slot < slots - 1) { // the last one asks only
        router.offer(NAME);
      }
    }

    /** What another worker has sent and this one has not read. */
    Deque<Item> link(long from) {
      return Objects.requireNonNull(inbox.get(from));
    }

    @Override
    public boolean send(long neighbour, MeshMessage message) {
      check(linked.contains(neighbour), "sends " + message + " to one that is gone");
      Worker to = workers.get(neighbour);
      if (to == null) {
        return true; // it will hear of the death
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
        router.answered(accepted, Verdict.ANSWERED, ("by " + slot).getBytes(UTF_8));
      }
    }

    /** Reads one item of a link; returns false if there is none. */
    boolean read(long from) {
      Deque<Item> link = inbox.get(from);
      if (link == null || link.isEmpty()) {
        return false;
      }
      Item item = link.element();
      if (item.message instanceof Withdraw && rules != Rules.UNORDERED) {
        for (Map.Entry<Long, Deque<Item>> each : List.copyOf(inbox.entrySet())) {
          while (each.getKey() != from && isEarlier(each.getValue(), item.order)) {
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
      } else {
        router.received(from, message, nowMs);
      }
      if (!open && unsynced.isEmpty()) {
        open = true;
        router.open();
      }
    }

    void turn() {
      List<Long> links = List.copyOf(inbox.keySet());
      if (!links.isEmpty()) {
        boolean _ = read(links.get(random.nextInt(links.size())));
      }
      for (long each : List.copyOf(linked)) {
        Worker other = workers.get(each);
        if (other != null && other.link(number).isEmpty()) {
          router.writable(each);
        }
      }
    }
  }

  private final long seed;
  private final Mode mode;
  private final Rules rules;
  private final int slots;
  private final int steps;
  private final Map<String, Integer> happened;
  private final Random random;
  private final Map<Long, Worker> workers = new TreeMap<>();
  private final List<Asked> asks = new ArrayList<>();
  private final Set<String> executed = new HashSet<>();
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
  }

  private void happened(String what) {
    happened.merge(what, 1, Integer::sum);
  }

  private void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError("seed %d, %s, at %d ms: %s".formatted(seed, mode, nowMs, otherwise));
    }
  }

  private void spawn(int slot) {
    Worker newcomer = new Worker(++lastWorker, slot);
    for (Worker each : workers.values()) {
      newcomer.inbox.put(each.number, new ArrayDeque<>(List.of(new Item(++order, false, null))));
      newcomer.unsynced.add(each.number);
      each.inbox.put(newcomer.number, new ArrayDeque<>(List.of(new Item(++order, false, null))));
    }
    workers.put(newcomer.number, newcomer);
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
      each.link(worker.number).add(new Item(++order, true, null));
    }
    if (workers.values().stream().noneMatch(each -> each.slot == worker.slot)) {
      spawn(worker.slot);
    }
  }

  private Worker any(RandomGenerator by) {
    List<Worker> all = List.copyOf(workers.values());
    return all.get(by.nextInt(all.size()));
  }

  void run() {
    for (int slot = 0; slot < slots; slot++) {
      spawn(slot);
    }
    settle();
    List<String> answers = new ArrayList<>();
    for (int i = 0; i < steps; i++) {
      step(answers);
    }
    settle();
    assertOneHolderPerKey();
    nowMs += 10_000;
    workers.values().forEach(each -> each.router.tick(nowMs));
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
        String key = random.nextBoolean() ? "key" + random.nextInt(5) : null;
        int timeoutMs = mode == Mode.ROUGH ? 1 + random.nextInt(50) : 100_000;
        worker.ask(key, timeoutMs, answers);
      }
    } else if (dice < 300) {
      if (!worker.stopped) {
        worker.answerOne();
      }
    } else if (dice < 400) {
      replace(random.nextInt(slots));
    } else if (dice < 500) {
      nowMs += 1;
      tick();
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
  private void replace(int slot) {
    List<Worker> its = workers.values().stream().filter(each -> each.slot == slot).toList();
    Worker youngest = its.getLast();
    if (its.size() == 1) {
      spawn(slot);
    } else if (youngest.open) {
      for (Worker each : its) {
        if (each != youngest && each.open && !each.leaving && !each.stopped) {
          each.leaving = true;
          each.router.leave();
        }
      }
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
