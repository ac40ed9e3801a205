package io.baton.worker.topics;

import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.Set;

/**
 * The other workers that this one has a link to, each with a small number of its own, which is used
 * again after its death, once it is {@linkplain #free free}. This worker itself is {@link
 * InterestTable#SELF}.
 */
final class Neighbours {
  /** What {@link #index} returns for a worker that is not there, or not any more. */
  static final int GONE = -1;

  /** So many that have died are remembered, and as many that are severed. */
  static final int MAX_DEAD = InterestTable.MAX_NEIGHBOURS;

  private static final long FREE = -1;

  /** Of a worker that has died, and whose number is not free yet. */
  private static final long DEAD = -2;

  private final long self;
  private final SequencedSet<Long> dead = new LinkedHashSet<>();
  private final SequencedSet<Long> severed = new LinkedHashSet<>();
  private final Map<Long, Integer> indexes = new HashMap<>();
  private long[] workers = new long[1];

  Neighbours(long self) {
    this.self = self;
    workers[InterestTable.SELF] = self;
    indexes.put(self, InterestTable.SELF);
  }

  long self() {
    return self;
  }

  /** Returns all workers' numbers, this one's included. */
  Set<Long> all() {
    return indexes.keySet();
  }

  /** Returns its small number, or {@link #GONE}. */
  int index(long worker) {
    return indexes.getOrDefault(worker, GONE);
  }

  long worker(int index) {
    return workers[index];
  }

  /** Whether there is no number left for another worker. */
  boolean isFull() {
    return freeIndex() > InterestTable.MAX_NEIGHBOURS;
  }

  private int freeIndex() {
    int index = 1;
    while (index < workers.length && workers[index] != FREE) {
      index++;
    }
    return index;
  }

  int add(long worker) {
    if (indexes.containsKey(worker)) {
      throw new IllegalStateException("worker " + worker + " is introduced twice");
    }
    int index = freeIndex();
    if (index > InterestTable.MAX_NEIGHBOURS) {
      throw new IllegalStateException(
          "more than " + InterestTable.MAX_NEIGHBOURS + " neighbours at a time");
    }
    if (index == workers.length) {
      workers = Arrays.copyOf(workers, index + 1);
    }
    workers[index] = worker;
    indexes.put(worker, index);
    dead.remove(worker); // it was only not known yet
    return index;
  }

  /** Removes it and returns the number that it had, which is to be {@linkplain #free freed}. */
  int remove(long worker) {
    int index = known(worker);
    indexes.remove(worker);
    workers[index] = DEAD;
    return index;
  }

  /** Nothing reminds of the worker that had this number. */
  void free(int index) {
    workers[index] = FREE;
  }

  /** A worker that is not there is dead, as others may not know yet, unless it is severed. */
  void noteDead(long worker) {
    if (!isSevered(worker)) {
      note(worker, dead);
    }
  }

  /**
   * A worker is dead for another one, and there may never have been a link to it here: those who
   * hear of the dead from this one hear of it, too.
   */
  void heardDead(long worker) {
    if (index(worker) == GONE) {
      noteDead(worker);
    }
  }

  /** There is no link to this worker, although it may live. */
  void noteSevered(long worker) {
    note(worker, severed);
  }

  /** Whether a worker has died, as far as is remembered. */
  boolean isDead(long worker) {
    return dead.contains(worker);
  }

  boolean isSevered(long worker) {
    return severed.contains(worker);
  }

  private static void note(long worker, SequencedSet<Long> among) {
    if (among.add(worker) && among.size() > MAX_DEAD) {
      among.removeFirst();
    }
  }

  /** Returns those that have died, of many the last. */
  List<Long> dead() {
    return List.copyOf(dead);
  }

  /** Returns the number of a worker that must be there, and another one than this. */
  int known(long worker) {
    int index = index(worker);
    if (index <= InterestTable.SELF) {
      throw new IllegalStateException("worker " + worker + " is no neighbour");
    }
    return index;
  }
}
