package io.baton.link.service;

import java.util.Arrays;

/**
 * A queue of messages that are not processed: the channel of each, and its size in bytes. Takes
 * memory from the first use to {@link #trim}.
 */
final class Sizes {
  private static final long[] NONE = {};

  private long[] ring = NONE;
  private int first;
  private int count;

  int count() {
    return count;
  }

  void add(int channel, int size) {
    add((long) channel << Integer.SIZE | size);
  }

  /** Adds one as {@link #remove} returns it. */
  void add(long each) {
    if (count == ring.length) {
      grow();
    }
    ring[(first + count++) & (ring.length - 1)] = each;
  }

  private void grow() {
    long[] larger = new long[Math.max(4, 2 * ring.length)];
    int head = ring.length - first;
    System.arraycopy(ring, first, larger, 0, head);
    System.arraycopy(ring, 0, larger, head, first);
    ring = larger;
    first = 0;
  }

  static int channel(long each) {
    return (int) (each >>> Integer.SIZE);
  }

  static int size(long each) {
    return (int) each;
  }

  /**
   * Removes the oldest, for {@link #channel} and {@link #size}.
   *
   * @throws IllegalStateException if there is none
   */
  long remove() {
    if (count == 0) {
      throw new IllegalStateException("no message is unprocessed");
    }
    long each = ring[first];
    first = (first + 1) & (ring.length - 1);
    count--;
    return each;
  }

  /** Gives the memory back if nothing is in it. */
  void trim() {
    if (count == 0) {
      ring = NONE;
      first = 0;
    }
  }

  /** Returns all, the oldest first. */
  long[] toArray() {
    long[] all = new long[count];
    for (int i = 0; i < count; i++) {
      all[i] = ring[(first + i) & (ring.length - 1)];
    }
    return all;
  }

  @Override
  public String toString() {
    return Arrays.stream(toArray())
        .mapToObj(each -> channel(each) + ":" + size(each))
        .toList()
        .toString();
  }
}
