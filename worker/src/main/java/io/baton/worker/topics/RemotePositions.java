package io.baton.worker.topics;

import java.util.Arrays;

/**
 * The last numbers that came for one topic from workers of other machines, in the order of these
 * workers. There is one of a worker as soon as something of it has come.
 */
final class RemotePositions {
  /** What one takes, in bytes, about. */
  static final int BYTES = 32;

  /** Those of a topic of which nothing has come; nothing is added to them. */
  static final RemotePositions NONE = new RemotePositions();

  private long[] workers = new long[2];
  private long[] last = new long[2];

  /** How many interruptions there had been when something of the worker came last. */
  private int[] heard = new int[2];

  private int size;

  int size() {
    return size;
  }

  long worker(int i) {
    return workers[i];
  }

  /** Returns the last number of a worker, or NONE. */
  long last(long worker) {
    int i = find(worker);
    return i < 0 ? InterestTable.NONE : last[i];
  }

  private int find(long worker) {
    return Arrays.binarySearch(workers, 0, size, worker);
  }

  /**
   * Something has come of a worker, up to this number.
   *
   * @param interruption how many there have been
   */
  void set(long worker, long n, int interruption) {
    int i = find(worker);
    if (i < 0) {
      i = -i - 1;
      insert(i, worker);
    }
    last[i] = n;
    heard[i] = interruption;
  }

  private void insert(int at, long worker) {
    if (size == workers.length) {
      int length = size + (size >> 1) + 1;
      workers = Arrays.copyOf(workers, length);
      last = Arrays.copyOf(last, length);
      heard = Arrays.copyOf(heard, length);
    }
    System.arraycopy(workers, at, workers, at + 1, size - at);
    System.arraycopy(last, at, last, at + 1, size - at);
    System.arraycopy(heard, at, heard, at + 1, size - at);
    workers[at] = worker;
    size++;
  }

  /** Forgets a worker; returns whether there was anything of it. */
  boolean remove(long worker) {
    int i = find(worker);
    if (i < 0) {
      return false;
    }
    size--;
    System.arraycopy(workers, i + 1, workers, i, size - i);
    System.arraycopy(last, i + 1, last, i, size - i);
    System.arraycopy(heard, i + 1, heard, i, size - i);
    return true;
  }

  /** Whether all have been heard since the last interruption. */
  boolean allHeard(int interruption) {
    for (int i = 0; i < size; i++) {
      if (heard[i] != interruption) {
        return false;
      }
    }
    return true;
  }
}
