package io.baton.worker.broker;

import io.baton.mesh.MeshMessage;
import io.baton.worker.memory.MemoryAccount;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The numbers of what this worker has published to other machines, per topic. They are told again
 * when nothing more comes for a second, and whenever something may have been lost on the way: so a
 * receiver finds what is missing although no later message shows it.
 *
 * <p>A topic to which nothing has been published for ten minutes is forgotten, and when there are
 * too many, the one that has rested longest, for ten seconds at least. Its numbers begin anew at
 * higher ones of another run; see {@link MeshMessage#sameRun}.
 */
final class PublishedNumbers {
  /** No number. */
  static final long NONE = -1;

  static final int MAX_TOPICS = 65_536;

  /** How long a topic rests before its last number is told. */
  static final long IDLE_MS = 1_000;

  /** How long one rests at least before it is forgotten. Numbers of two runs are as far apart. */
  static final long LEAST_MS = 10_000;

  static final long FORGET_MS = 600_000;

  /** Most topics that are looked at in one tick. */
  static final int AT_A_TIME = 2_000;

  private static final int ENTRY_BYTES = 192;

  /** Tells the others something; returns false if that was not possible. */
  interface Sink {
    boolean send(BrokerMessage.OfTopic message);
  }

  private static final class Entry {
    private final String topic;
    private long n;
    private long publishedMs;

    /** Whether its number is to be told once it rests. */
    private boolean due;

    /** Whether all that was published may have reached nobody. */
    private boolean unsure;

    /** Whether others were told that this number is the last one. */
    private boolean hasEnded;

    Entry(String topic, long n) {
      this.topic = topic;
      this.n = n;
    }
  }

  private final MemoryAccount memory;
  private final Sink sink;

  /** In the order of the last publications. */
  private final Map<String, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);

  private final Deque<Entry> due = new ArrayDeque<>();
  private final Deque<Entry> toRepeat = new ArrayDeque<>();
  private boolean repeatAgain;
  private long nowMs;

  PublishedNumbers(MemoryAccount memory, Sink sink) {
    this.memory = memory;
    this.sink = sink;
  }

  int size() {
    return entries.size();
  }

  /** Counts a message and returns its number, or NONE if there is no room for another topic. */
  long next(String topic) {
    Entry entry = entries.get(topic);
    if (entry == null) {
      if (!makeRoom() || !memory.reserve(bytes(topic))) {
        return NONE;
      }
      entry = new Entry(topic, (nowMs / LEAST_MS + 1) << MeshMessage.RUN_BITS);
      entries.put(topic, entry);
    }
    entry.publishedMs = nowMs;
    if (!entry.due) {
      entry.due = true;
      due.add(entry);
    }
    return ++entry.n;
  }

  private static long bytes(String topic) {
    return ENTRY_BYTES + topic.length() * (long) Character.BYTES;
  }

  private boolean makeRoom() {
    return entries.size() < MAX_TOPICS || forgetEldest(LEAST_MS);
  }

  /** Forgets the topic that has rested longest, if that is long enough. */
  private boolean forgetEldest(long leastMs) {
    Iterator<Entry> all = entries.values().iterator();
    if (!all.hasNext()) {
      return false;
    }
    Entry eldest = all.next();
    if (nowMs - eldest.publishedMs < leastMs) {
      return false;
    }
    all.remove();
    memory.release(bytes(eldest.topic));
    eldest.hasEnded = true;
    var _ = sink.send(new BrokerMessage.End(eldest.topic, eldest.n));
    return true;
  }

  /** What was published last to the topic was not sent. */
  void refused(String topic) {
    Entry entry = entries.get(topic);
    if (entry != null) {
      entry.unsure = true;
    }
  }

  /** The connection is lost, and with it what was published lately, perhaps. */
  void disconnected() {
    for (Entry each : entries.values()) {
      each.unsure |= nowMs - each.publishedMs <= LEAST_MS;
    }
  }

  /** Somebody may have missed something: all numbers are told again. */
  void repeat() {
    if (toRepeat.isEmpty()) {
      toRepeat.addAll(entries.values());
    } else {
      repeatAgain = true;
    }
  }

  /**
   * Lets time pass.
   *
   * @param ms milliseconds since some fixed time
   */
  void tick(long ms) {
    nowMs = ms;
    for (int i = Math.min(AT_A_TIME, due.size()); i > 0; i--) {
      tellIfIdle(due.remove());
    }
    for (int i = 0; i < AT_A_TIME && !toRepeat.isEmpty(); i++) {
      Entry entry = toRepeat.remove();
      if (!entry.hasEnded) {
        tell(entry);
      }
    }
    if (repeatAgain && toRepeat.isEmpty()) {
      repeatAgain = false;
      repeat();
    }
    for (int i = 0; i < AT_A_TIME && forgetEldest(FORGET_MS); i++) {}
  }

  private void tellIfIdle(Entry entry) {
    if (entry.hasEnded) {
      return;
    }
    if (nowMs - entry.publishedMs < IDLE_MS || !tell(entry)) {
      due.add(entry);
    } else {
      entry.due = false;
    }
  }

  private boolean tell(Entry entry) {
    boolean told = sink.send(new BrokerMessage.Mark(entry.topic, entry.n, entry.unsure));
    entry.unsure &= !told;
    return told;
  }
}
