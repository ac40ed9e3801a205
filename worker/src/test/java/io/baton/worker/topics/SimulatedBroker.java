package io.baton.worker.topics;

import io.baton.mesh.MeshMessage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * A broker of the simulation, and workers of other machines that publish there. It brings each
 * message to all workers that want its topic, in the order of each publisher, at any time; or, if
 * it is a bad one, loses any of them without a word.
 */
final class SimulatedBroker {
  private static final int PUBLISHERS = 3;
  private static final byte[] MESSAGE = new byte[10];

  /** Numbers as they begin: those of run 0 are nobody's. */
  private static final long FIRST = 1L << MeshMessage.RUN_BITS;

  /** What comes of a publisher: a message, or its last number only. */
  record Sent(long publisher, String topic, long n, boolean isMark) {}

  /** What a worker wants of the broker, and what is on its way there. */
  static final class Feed {
    final Set<String> wanted = new HashSet<>();
    final Deque<Sent> messages = new ArrayDeque<>();

    void want(String topic, boolean isWanted) {
      if (isWanted) {
        wanted.add(topic);
      } else {
        wanted.remove(topic);
        messages.removeIf(each -> each.topic.equals(topic));
      }
    }
  }

  private final Random random;
  private final boolean isBad;
  private final Map<Long, SimulatedWorker> workers;

  /** The last numbers of each publisher, by topic. */
  private final Map<Long, Map<String, Long>> numbers = new HashMap<>();

  SimulatedBroker(Random random, boolean isBad, Map<Long, SimulatedWorker> workers) {
    this.random = random;
    this.isBad = isBad;
    this.workers = workers;
    for (int i = 0; i < PUBLISHERS; i++) {
      numbers.put(RemotePublications.number(random.nextLong()), new HashMap<>());
    }
  }

  List<Long> publishers() {
    return List.copyOf(numbers.keySet());
  }

  /** Returns the number of a publisher's last message to a topic. */
  long last(long publisher, String topic) {
    return numbers.getOrDefault(publisher, Map.of()).getOrDefault(topic, FIRST);
  }

  /** One of the other machines publishes. */
  void publish(String topic) {
    long publisher = publishers().get(random.nextInt(PUBLISHERS));
    long n = last(publisher, topic) + 1;
    numbers.getOrDefault(publisher, new HashMap<>()).put(topic, n);
    send(new Sent(publisher, topic, n, false), isBad && random.nextInt(10) == 0);
  }

  private void send(Sent message, boolean isLostByAll) {
    for (SimulatedWorker each : workers.values()) {
      boolean isLost = isLostByAll || (isBad && random.nextInt(30) == 0);
      if (each.feed.wanted.contains(message.topic) && !isLost) {
        each.feed.messages.add(message);
      }
    }
  }

  /** All say their numbers again. */
  void repeat(SimulatedWorker to) {
    numbers.forEach((publisher, topics) ->
        topics.forEach((topic, n) -> {
          if (to.feed.wanted.contains(topic)) {
            to.feed.messages.add(new Sent(publisher, topic, n, true));
          }
        }));
  }

  /** The worker loses its connection and all that was on its way, and has another one. */
  void interrupt(SimulatedWorker worker) {
    worker.feed.messages.clear();
    worker.router.remote().restored();
    if (random.nextBoolean()) {
      repeat(worker);
    }
  }

  /** Some of what is on its way arrives. */
  void bring(SimulatedWorker to, int most) {
    for (int i = 0; i < most && !to.feed.messages.isEmpty(); i++) {
      Sent each = to.feed.messages.remove();
      if (each.isMark) {
        to.router.remote().marked(each.publisher, each.topic, each.n, false);
      } else {
        to.noteFirst(each.publisher, each.topic, each.n - 1);
        to.router.remote().published(each.publisher, each.topic, each.n, MESSAGE);
      }
      to.note();
    }
  }

  /** Returns what a session that subscribes now must get what comes after. */
  Map<Long, Long> now(String topic) {
    Map<Long, Long> all = new HashMap<>();
    new ArrayList<>(numbers.keySet()).forEach(each -> all.put(each, last(each, topic)));
    return all;
  }
}
