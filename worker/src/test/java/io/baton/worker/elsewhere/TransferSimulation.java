package io.baton.worker.elsewhere;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.service.SessionKey;
import io.baton.worker.broker.BrokerMessage;
import io.baton.worker.memory.ByteBudget;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Some workers of different machines whose sessions are taken to and fro, over a broker that loses
 * messages, holds them up and dies, and at which somebody says them once more, while workers die or
 * end. After each step no session has two owners, and each one that has none was told as lost, or
 * ended with its worker.
 */
final class TransferSimulation {
  private static final int WORKERS = 4;
  private static final int SESSIONS = 6;
  private static final String LISTENER = "web";
  private static final byte[] SECRET = "a secret of 16 bytes".getBytes(StandardCharsets.US_ASCII);

  /** So many messages are kept at most, to be said once more. */
  private static final int RECORDED = 64;

  /** When the workers began, in milliseconds since 1970. */
  private static final long BEGIN_MS = 1_000_000_000_000L;

  /** Some sessions take more parts than are sent at once. */
  private static final int LONGEST = 20 * TransferMessage.PART_BYTES;

  /** Of a worker: there is not always room for the longest. */
  private static final long BUDGET = 2L * LONGEST;

  /** What may go wrong. */
  enum Mood {
    CALM,
    /** Messages are lost. */
    LOSSY,
    /** The same, and workers die. */
    DEADLY
  }

  private final Mood mood;
  private final Random random;
  private final List<Node> nodes = new ArrayList<>();
  private final Set<SessionKey> lost = new HashSet<>();
  private final Map<SessionKey, Integer> versions = new HashMap<>();
  private final List<Letter> recorded = new ArrayList<>();
  private long nextNumber = 1;
  private long ms = BEGIN_MS;
  private boolean brokerUp = true;
  private boolean brokerStands;
  private long here;
  private long nowhere;
  private long later;
  private long deaths;

  TransferSimulation(long seed, Mood mood) {
    this.mood = mood;
    this.random = new Random(seed);
    for (int i = 0; i < WORKERS; i++) {
      nodes.add(new Node());
    }
    for (int i = 0; i < SESSIONS; i++) {
      SessionKey key = new SessionKey(i + 1, i + 1);
      Node at = nodes.get(random.nextInt(WORKERS));
      at.sessions.put(key, new Copy(key, 0, size()));
      versions.put(key, 0);
    }
  }

  private int size() {
    return random.nextInt(24) > 0 ? 100 : 1 + random.nextInt(LONGEST);
  }

  private enum Stage {
    RUNNING,
    FROZEN,
    ARRIVING
  }

  /** A copy of a session in a worker. */
  private static final class Copy {
    final SessionKey key;
    final int size;
    int version;
    int savedVersion;
    Stage stage = Stage.RUNNING;

    Copy(SessionKey key, int version, int size) {
      this.key = key;
      this.version = version;
      this.size = size;
    }
  }

  /** What is at the broker. */
  private record Letter(long from, long to, BrokerMessage message) {}

  private final class Node implements HeldSessions, ArrivingSessions, Transfers.Post {
    final long number = nextNumber++;
    final Map<SessionKey, Copy> sessions = new HashMap<>();
    final Map<SessionKey, Copy> arriving = new HashMap<>();
    final Deque<Letter> inbox = new ArrayDeque<>();
    final Deque<Runnable> soon = new ArrayDeque<>();
    final ByteBudget budget = new ByteBudget(BUDGET);
    final Transfers transfers =
        new Transfers(
            this,
            new TransferCipher("baton", number, List.of(SECRET), () -> ms),
            number << 32,
            this,
            this,
            budget);

    @Override
    public int machines() {
      return WORKERS - 1;
    }

    @Override
    public boolean toAll(BrokerMessage message) {
      nodes.stream().filter(each -> each != this).forEach(each -> post(each, message));
      return brokerUp;
    }

    @Override
    public boolean toWorker(long worker, BrokerMessage message) {
      nodes.stream().filter(each -> each.number == worker).forEach(each -> post(each, message));
      return brokerUp;
    }

    private void post(Node to, BrokerMessage message) {
      boolean isLost = mood != Mood.CALM && random.nextInt(12) == 0;
      if (brokerUp && !isLost) {
        Letter letter = new Letter(number, to.number, message);
        to.inbox.add(letter);
        record(letter);
      }
    }

    void receive() {
      Letter letter = inbox.poll();
      if (letter != null) {
        transfers.received(letter.from, letter.message);
      }
    }

    // ---- as a holder ----

    @Override
    public Standing standing(SessionKey key, String listener) {
      Copy its = sessions.get(key);
      if (its == null) {
        return Standing.NOT_HERE;
      }
      return its.stage == Stage.RUNNING ? Standing.HERE : Standing.NOT_NOW;
    }

    @Override
    public Answer freeze(Wish wish, Listener listener) {
      Copy its = sessions.get(wish.key());
      if (its == null) {
        return new Answer.Refusal(true);
      }
      if (its.stage != Stage.RUNNING) {
        return new Answer.Refusal(false);
      }
      its.stage = Stage.FROZEN;
      Freezing freezing = new Freezing(this, its, listener);
      if (random.nextInt(10) == 0) {
        soon.add(freezing::fail);
      } else if (random.nextBoolean()) {
        soon.add(freezing::save);
      } else {
        freezing.save();
      }
      return new Answer.Freezing(freezing);
    }

    // ---- as a taker ----

    @Override
    public void resume(
        SessionKey key, String listener, ByteBuffer state, Consumer<@Nullable Arrival> resumed) {
      if (random.nextInt(10) == 0) {
        resumed.accept(null);
        return;
      }
      Copy its = new Copy(key, state.getInt(0), state.remaining() - 4);
      its.stage = Stage.ARRIVING;
      assertThat(arriving.put(key, its)).as("a second arrival of %s", key).isNull();
      Runnable ready =
          () ->
              resumed.accept(
                  new Arrival() {
                    @Override
                    public void start() {
                      assertThat(arriving.remove(key)).isSameAs(its);
                      its.stage = Stage.RUNNING;
                      assertThat(sessions.put(key, its)).isNull();
                      assertThat(its.version).as("what was given").isEqualTo(versions.get(key));
                    }

                    @Override
                    public void abandon() {
                      assertThat(arriving.remove(key)).isSameAs(its);
                    }
                  });
      if (random.nextBoolean()) {
        soon.add(ready);
      } else {
        ready.run();
      }
    }

    void comes(SessionKey key) {
      if (sessions.containsKey(key) || arriving.containsKey(key)) {
        return; // its client is served here
      }
      transfers.seek(
          key,
          LISTENER,
          new byte[0],
          outcome -> {
            switch (outcome) {
              case HERE -> {
                here++;
                assertThat(sessions).containsKey(key);
              }
              case NOWHERE -> {
                nowhere++;
                if (mood == Mood.CALM && ownerOf(key) == null && !isArriving(key)) {
                  throw new AssertionError("a session is gone");
                }
              }
              case LATER -> later++;
            }
          });
    }
  }

  /** One session on its way from a worker. */
  private final class Freezing implements HeldSessions.Frozen {
    private final Node at;
    private final Copy its;
    private final HeldSessions.Listener listener;
    private boolean over;

    Freezing(Node at, Copy its, HeldSessions.Listener listener) {
      this.at = at;
      this.its = its;
      this.listener = listener;
    }

    void save() {
      if (over) {
        return;
      }
      its.savedVersion = its.version;
      if (!listener.saved(ByteBuffer.allocate(its.size + 4).putInt(0, its.version))) {
        fail();
      } else if (random.nextInt(5) == 0) {
        at.soon.add(this::fail);
      }
    }

    /** The session cannot go after all. */
    void fail() {
      if (!over) {
        goesOn();
        listener.cannot();
      }
    }

    private void goesOn() {
      over = true;
      assertThat(at.sessions.get(its.key)).isSameAs(its);
      its.stage = Stage.RUNNING;
    }

    @Override
    public boolean give() {
      assertThat(over).as("given or gone on before").isFalse();
      boolean unchanged = its.version == its.savedVersion;
      goesOn();
      if (unchanged) {
        at.sessions.remove(its.key);
      }
      return unchanged;
    }

    @Override
    public void thaw() {
      if (!over) {
        goesOn();
      }
    }
  }

  /** Somebody at the broker keeps what is said there. */
  private void record(Letter letter) {
    recorded.add(letter);
    if (recorded.size() > RECORDED) {
      recorded.remove(random.nextInt(RECORDED));
    }
  }

  /** Says what one worker has said to another once more. */
  private void replay() {
    if (mood != Mood.CALM && brokerUp && !recorded.isEmpty()) {
      Letter any = recorded.get(random.nextInt(recorded.size()));
      List<Letter> all =
          recorded.stream().filter(each -> each.from == any.from && each.to == any.to).toList();
      nodes.stream().filter(each -> each.number == any.to).forEach(each -> each.inbox.addAll(all));
    }
  }

  private @Nullable Node ownerOf(SessionKey key) {
    Node owner = null;
    for (Node each : nodes) {
      if (each.sessions.containsKey(key)) {
        assertThat(owner).as("two owners of %s", key).isNull();
        owner = each;
      }
    }
    return owner;
  }

  private boolean isArriving(SessionKey key) {
    return nodes.stream().anyMatch(each -> each.arriving.containsKey(key));
  }

  void run(int steps) {
    for (int i = 0; i < steps; i++) {
      step();
      check();
    }
    brokerUp = true;
    brokerStands = false;
    for (int i = 0; i < 3_000; i++) { // until all that is in doubt is over
      deliverAll();
      tick(50);
      check();
    }
    for (Node each : nodes) {
      assertThat(each.budget.held()).as("memory held by nobody").isZero();
      assertThat(each.transfers.size()).isZero();
      assertThat(each.arriving).isEmpty();
    }
    if (mood == Mood.CALM) {
      assertThat(lost).isEmpty();
      assertThat(here).isPositive();
    }
  }

  private void deliverAll() {
    for (Node each : nodes) {
      while (!each.inbox.isEmpty() || !each.soon.isEmpty()) {
        each.receive();
        runNext(each);
      }
    }
  }

  private static void runNext(Node node) {
    Runnable task = node.soon.poll();
    if (task != null) {
      task.run();
    }
  }

  private static void runSoon(Node node) {
    while (!node.soon.isEmpty()) {
      runNext(node);
    }
  }

  private void step() {
    Node node = nodes.get(random.nextInt(WORKERS));
    switch (random.nextInt(mood == Mood.DEADLY ? 14 : 13)) {
      case 0, 1, 2, 3 -> {
        if (!brokerStands) {
          node.receive();
        }
      }
      case 4 -> runNext(node);
      case 5, 6 -> tick(1 + random.nextInt(60));
      case 7 -> node.comes(key());
      case 8, 9 -> change(node);
      case 10 -> outage();
      case 11 -> deliverAllUnlessStands();
      case 12 -> replay();
      default -> {
        if (random.nextInt(40) == 0) {
          die(node);
        }
      }
    }
  }

  private void deliverAllUnlessStands() {
    if (!brokerStands) {
      deliverAll();
    }
  }

  private SessionKey key() {
    int n = 1 + random.nextInt(SESSIONS);
    return new SessionKey(n, n);
  }

  private void change(Node node) {
    for (Copy each : node.sessions.values()) {
      if (each.stage == Stage.RUNNING || random.nextInt(20) == 0) {
        each.version++;
        versions.put(each.key, each.version);
        return;
      }
    }
  }

  private void outage() {
    if (mood == Mood.CALM) {
      return;
    }
    if (!brokerUp || brokerStands) {
      brokerUp = true;
      brokerStands = false;
    } else if (random.nextInt(30) == 0) {
      if (random.nextBoolean()) {
        brokerStands = true;
      } else {
        brokerUp = false;
        nodes.forEach(each -> {
          each.inbox.clear();
          each.transfers.down();
        });
      }
    }
  }

  private void tick(int more) {
    ms += more;
    for (Node each : nodes) {
      countingLost(each, () -> each.transfers.tick(ms - BEGIN_MS));
    }
  }

  /** What was in doubt and is nowhere any more has been given up, and told so. */
  private void countingLost(Node node, Runnable action) {
    long before = node.transfers.lost();
    Set<SessionKey> doubtful = new HashSet<>(node.arriving.keySet());
    action.run();
    long told = node.transfers.lost() - before;
    doubtful.removeAll(node.arriving.keySet());
    doubtful.removeAll(node.sessions.keySet());
    assertThat(told).as("told as lost").isLessThanOrEqualTo(doubtful.size());
    doubtful.removeIf(each -> ownerOf(each) != null);
    assertThat(told).as("lost: %s", doubtful).isGreaterThanOrEqualTo(doubtful.size());
    lost.addAll(doubtful);
  }

  private void die(Node node) {
    deaths++;
    boolean inOrder = random.nextBoolean();
    if (inOrder) {
      countingLost(node, node.transfers::end);
      runSoon(node); // what was resuming is told that it is too late
      assertThat(node.arriving).isEmpty();
    }
    lost.addAll(node.sessions.keySet());
    lost.addAll(node.arriving.keySet());
    nodes.set(nodes.indexOf(node), new Node());
    for (Node each : nodes) {
      if (!inOrder) {
        each.inbox.removeIf(letter -> letter.from == node.number && random.nextBoolean());
      }
      countingLost(each, () -> each.transfers.forgotten(node.number));
    }
  }

  private void check() {
    for (SessionKey key : versions.keySet()) {
      if (ownerOf(key) == null && !isArriving(key)) {
        assertThat(lost).as("lost without a word: %s at %d ms", key, ms).contains(key);
      }
    }
  }

  @Override
  public String toString() {
    return "%s: %d here, %d nowhere, %d later, %d deaths, lost %s"
        .formatted(mood, here, nowhere, later, deaths, lost);
  }
}
