package io.baton.worker.elsewhere;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.pipe.SavedForm;
import io.baton.service.SessionKey;
import io.baton.worker.memory.ByteBudget;
import java.nio.ByteBuffer;
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
 * messages, holds them up and dies, while workers die. After each step no session has two owners,
 * and each one that has none was told as lost, or died with its worker.
 */
final class TransferSimulation {
  private static final int WORKERS = 4;
  private static final int SESSIONS = 6;
  private static final String LISTENER = "web";
  private static final SavedForm FORM = new SavedForm(1, Set.of(1));

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
  private long nextNumber = 1;
  private long ms;
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
    return random.nextInt(4) > 0 ? 100 : 1 + random.nextInt(LONGEST);
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

  private record Letter(long from, TransferMessage message) {}

  private final class Node implements HeldSessions, ArrivingSessions, Takings.Way {
    final long number = nextNumber++;
    final Map<SessionKey, Copy> sessions = new HashMap<>();
    final Map<SessionKey, Copy> arriving = new HashMap<>();
    final Deque<Letter> inbox = new ArrayDeque<>();
    final Deque<Runnable> soon = new ArrayDeque<>();
    final ByteBudget budget = new ByteBudget(BUDGET);
    final Givings givings = new Givings(this, this, budget);
    final Takings takings = new Takings(this, this, FORM, number << 32, budget);

    @Override
    public boolean sendAll(TransferMessage message) {
      nodes.stream().filter(each -> each != this).forEach(each -> send(each.number, message));
      return brokerUp;
    }

    @Override
    public boolean send(long worker, TransferMessage message) {
      if (!brokerUp) {
        return false;
      }
      boolean isLost = mood != Mood.CALM && random.nextInt(12) == 0;
      if (!isLost) {
        nodes.stream()
            .filter(each -> each.number == worker)
            .forEach(each -> each.inbox.add(new Letter(number, message)));
      }
      return true;
    }

    void receive() {
      Letter letter = inbox.poll();
      if (letter == null) {
        return;
      }
      long from = letter.from;
      TransferMessage read = TransferCodec.read(TransferCodec.write(letter.message));
      if (read == null) {
        throw new AssertionError("cannot be read: " + letter.message);
      }
      long transfer = read.transfer();
      switch (read) {
        case TransferMessage.Seek m -> givings.sought(from, m);
        case TransferMessage.Take m -> givings.asked(from, m);
        case TransferMessage.Fetch m -> givings.fetched(from, transfer, m.from());
        case TransferMessage.Taken _ -> givings.taken(from, transfer);
        case TransferMessage.Dropped _ -> givings.dropped(from, transfer);
        case TransferMessage.Found _ -> takings.found(from, transfer);
        case TransferMessage.NotNow _ -> takings.notNow(transfer);
        case TransferMessage.Part m -> takings.part(from, m);
        case TransferMessage.Given _ -> takings.given(from, transfer);
        case TransferMessage.Refused m -> takings.refused(from, transfer, m.gone());
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
      Runnable save =
          () -> {
            if (sessions.get(its.key) == its && its.stage == Stage.FROZEN) {
              its.savedVersion = its.version;
              ByteBuffer state = ByteBuffer.allocate(its.size + 4).putInt(0, its.version);
              if (!listener.saved(state)) {
                its.stage = Stage.RUNNING;
                listener.cannot();
              }
            }
          };
      if (random.nextInt(10) == 0) {
        soon.add(() -> {
          if (its.stage == Stage.FROZEN) {
            its.stage = Stage.RUNNING;
            listener.cannot();
          }
        });
      } else if (random.nextBoolean()) {
        soon.add(save);
      } else {
        save.run();
      }
      return new Answer.Freezing(
          new Frozen() {
            private boolean over;

            @Override
            public boolean give() {
              assertThat(over || sessions.get(its.key) != its).as("given twice").isFalse();
              over = true;
              boolean unchanged = its.version == its.savedVersion;
              if (unchanged) {
                sessions.remove(its.key);
              } else {
                its.stage = Stage.RUNNING;
              }
              return unchanged;
            }

            @Override
            public void thaw() {
              if (!over && sessions.get(its.key) == its) {
                over = true;
                its.stage = Stage.RUNNING;
              }
            }
          });
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
      takings.seek(
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
      assertThat(each.takings.size() + each.givings.size()).isZero();
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
        Runnable task = each.soon.poll();
        if (task != null) {
          task.run();
        }
      }
    }
  }

  private void step() {
    Node node = nodes.get(random.nextInt(WORKERS));
    switch (random.nextInt(mood == Mood.DEADLY ? 13 : 12)) {
      case 0, 1, 2, 3 -> {
        if (!brokerStands) {
          node.receive();
        }
      }
      case 4 -> {
        Runnable task = node.soon.poll();
        if (task != null) {
          task.run();
        }
      }
      case 5, 6 -> tick(1 + random.nextInt(60));
      case 7 -> node.comes(key());
      case 8, 9 -> change(node);
      case 10 -> outage();
      case 11 -> deliverAllUnlessStands();
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
          each.takings.down();
        });
      }
    }
  }

  private void tick(int more) {
    ms += more;
    for (Node each : nodes) {
      long before = each.takings.lost();
      List<SessionKey> doubtful = List.copyOf(each.arriving.keySet());
      each.givings.tick(ms);
      each.takings.tick(ms);
      countLost(each, before, doubtful);
    }
  }

  /** What was in doubt and is not arriving any more has been given up, and told so. */
  private void countLost(Node node, long before, List<SessionKey> doubtful) {
    long told = node.takings.lost() - before;
    for (SessionKey key : doubtful) {
      if (told > 0 && !node.arriving.containsKey(key) && !node.sessions.containsKey(key)) {
        lost.add(key);
      }
    }
  }

  private void die(Node node) {
    deaths++;
    lost.addAll(node.sessions.keySet());
    lost.addAll(node.arriving.keySet());
    nodes.set(nodes.indexOf(node), new Node());
    for (Node each : nodes) {
      long before = each.takings.lost();
      List<SessionKey> doubtful = List.copyOf(each.arriving.keySet());
      each.inbox.removeIf(letter -> letter.from == node.number && random.nextBoolean());
      each.givings.forgotten(node.number);
      each.takings.forgotten(node.number);
      countLost(each, before, doubtful);
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
