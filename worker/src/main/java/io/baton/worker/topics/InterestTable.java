package io.baton.worker.topics;

import io.baton.worker.memory.MemoryAccount;
import java.util.Arrays;

/**
 * All topics that some worker wants, this one included: for each the hash of its name, the number
 * of this worker's last publication, and who wants it. An open-addressed table with linear probing:
 * 24 bytes an entry (8 more beyond {@value #FIRST_WORD} neighbours, and for every 64 more), a half
 * to three quarters full while topics come, and an eighth at least when they have gone.
 *
 * <p>Two topics of the same hash share an entry: who wants one gets the other too, and ignores it.
 *
 * <p>An entry that nobody wants any more is kept for {@link #sweep one to two sweeps}, so that the
 * numbers go on if a session has moved and its topic is soon wanted by another worker. Later the
 * numbers go on from a higher one; see {@link io.baton.mesh.MeshMessage#sameRun}.
 */
final class InterestTable {
  /** No number. */
  static final long NONE = -1;

  /** Who this worker is among those who want a topic. */
  static final int SELF = 0;

  /** Neighbours have the numbers from 1 to this. */
  static final int MAX_NEIGHBOURS = 254;

  /** Neighbours that need no second word of bits. */
  static final int FIRST_WORD = 62;

  private static final int LEAST_CAPACITY = 16;

  /** A table so many times as large as it is to be gets smaller. */
  private static final int SPARSE = 4;

  /** Set in the first word of those that nobody wanted at the last sweep. */
  private static final long UNWANTED = 1L << 63;

  private final MemoryAccount memory;
  private long[] hashes = new long[LEAST_CAPACITY];
  private long[] numbers = new long[LEAST_CAPACITY];

  /** Who wants it, a bit each. */
  private long[][] wanting = {new long[LEAST_CAPACITY]};

  /** Entries, each with a number that is not {@link #NONE}. */
  private int size;

  /** The first number of an entry that is made now. */
  private long firstNumber;

  InterestTable(MemoryAccount memory) {
    this.memory = memory;
    Arrays.fill(numbers, NONE);
  }

  /** The numbers of all topics that are new from now on begin with this; it only grows. */
  void begin(long number) {
    firstNumber = number;
  }

  int size() {
    return size;
  }

  /** Returns the bytes of all its arrays. */
  long bytes() {
    return bytes(hashes.length);
  }

  private long bytes(long capacity) {
    return capacity * Long.BYTES * (2 + wanting.length);
  }

  /** Returns where the entry is, until the next change; negative if there is none. */
  int find(long hash) {
    for (int i = home(hash); ; i = next(i)) {
      if (numbers[i] == NONE) {
        return -1;
      }
      if (hashes[i] == hash) {
        return i;
      }
    }
  }

  private int home(long hash) {
    return (int) Math.unsignedMultiplyHigh(hash, hashes.length);
  }

  private int next(int i) {
    return i + 1 == hashes.length ? 0 : i + 1;
  }

  /** Returns the number of the last publication. */
  long number(int entry) {
    return numbers[entry];
  }

  /** Counts a publication and returns its number. */
  long count(int entry) {
    return ++numbers[entry];
  }

  /** Returns how many words of bits say who wants a topic. */
  int words() {
    return wanting.length;
  }

  /** Returns some of those who want it, a bit each, beginning with {@link #first}. */
  long wanting(int entry, int word) {
    return word == 0 ? wanting[0][entry] & ~UNWANTED : wanting[word][entry];
  }

  /** Returns whom the lowest bit of a word stands for. */
  static int first(int word) {
    return word == 0 ? SELF : FIRST_WORD + 1 + (word - 1) * Long.SIZE;
  }

  /**
   * Notes that somebody wants a topic.
   *
   * @return the number of the last publication; {@link #NONE} if there is no memory for another
   *     topic
   */
  long want(long hash, int who) {
    if (word(who) >= wanting.length && !widen(word(who) + 1)) {
      return NONE;
    }
    int entry = find(hash);
    if (entry < 0) {
      if ((size + 1L) * 4 > hashes.length * 3L && !grow()) {
        return NONE;
      }
      entry = free(hash);
      hashes[entry] = hash;
      numbers[entry] = firstNumber;
      size++;
    }
    wanting[word(who)][entry] |= bit(who);
    wanting[0][entry] &= ~UNWANTED;
    return numbers[entry];
  }

  private static int word(int who) {
    return who > FIRST_WORD ? 1 + (who - FIRST_WORD - 1) / Long.SIZE : 0;
  }

  private static long bit(int who) {
    return 1L << (who - first(word(who)));
  }

  private int free(long hash) {
    int i = home(hash);
    while (numbers[i] != NONE) {
      i = next(i);
    }
    return i;
  }

  private boolean widen(int words) {
    int before = wanting.length;
    if (!memory.reserve((long) hashes.length * Long.BYTES * (words - before))) {
      return false;
    }
    wanting = Arrays.copyOf(wanting, words);
    for (int word = before; word < words; word++) {
      wanting[word] = new long[hashes.length];
    }
    return true;
  }

  private boolean grow() {
    int capacity = Math.toIntExact(hashes.length * 3L / 2);
    if (!memory.reserve(bytes(capacity) - bytes())) {
      return false;
    }
    resize(capacity);
    return true;
  }

  /** Gives back the memory of a crowd that is gone, leaving room for twice as many as there are. */
  private void shrink() {
    int capacity = Math.max(LEAST_CAPACITY, 2 * size);
    if (hashes.length > SPARSE * capacity) {
      long less = bytes() - bytes(capacity);
      resize(capacity);
      memory.release(less);
    }
  }

  private void resize(int capacity) {
    long[] oldHashes = hashes;
    long[] oldNumbers = numbers;
    long[][] oldWanting = wanting;
    hashes = new long[capacity];
    numbers = new long[capacity];
    Arrays.fill(numbers, NONE);
    wanting = new long[oldWanting.length][capacity];
    for (int i = 0; i < oldHashes.length; i++) {
      if (oldNumbers[i] != NONE) {
        int entry = free(oldHashes[i]);
        hashes[entry] = oldHashes[i];
        numbers[entry] = oldNumbers[i];
        for (int word = 0; word < wanting.length; word++) {
          wanting[word][entry] = oldWanting[word][i];
        }
      }
    }
  }

  /** Notes that somebody does not want a topic any more. */
  void unwant(long hash, int who) {
    int entry = find(hash);
    if (entry >= 0 && word(who) < wanting.length) {
      wanting[word(who)][entry] &= ~bit(who);
    }
  }

  /** Notes that somebody does not want anything any more. */
  void unwantAll(int who) {
    if (word(who) < wanting.length) {
      long[] words = wanting[word(who)];
      for (int i = 0; i < words.length; i++) {
        words[i] &= ~bit(who);
      }
    }
  }

  /**
   * Removes what nobody has wanted since the last sweep. It goes backwards: what a removal moves
   * has been seen, or is seen at the next sweep. A table that is nearly empty then gets smaller.
   */
  void sweep() {
    for (int i = hashes.length - 1; i >= 0; i--) {
      if (numbers[i] != NONE && isUnwanted(i)) {
        if ((wanting[0][i] & UNWANTED) == 0) {
          wanting[0][i] |= UNWANTED;
        } else {
          remove(i);
        }
      }
    }
    shrink();
  }

  private boolean isUnwanted(int entry) {
    for (int word = 0; word < wanting.length; word++) {
      if (wanting(entry, word) != 0) {
        return false;
      }
    }
    return true;
  }

  /** Removes an entry and moves those behind it that would not be found any more. */
  private void remove(int entry) {
    int hole = entry;
    for (int i = next(hole); numbers[i] != NONE; i = next(i)) {
      if (distance(home(hashes[i]), i) >= distance(hole, i)) {
        hashes[hole] = hashes[i];
        numbers[hole] = numbers[i];
        for (long[] words : wanting) {
          words[hole] = words[i];
        }
        hole = i;
      }
    }
    numbers[hole] = NONE;
    for (long[] words : wanting) {
      words[hole] = 0;
    }
    size--;
  }

  private int distance(int from, int to) {
    return to >= from ? to - from : to - from + hashes.length;
  }
}
