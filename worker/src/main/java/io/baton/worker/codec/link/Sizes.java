package io.baton.worker.codec.link;

import java.util.Arrays;
import java.util.function.IntConsumer;

/** A queue of sizes, in bytes. Takes memory from the first use to {@link #trim}. */
final class Sizes {
  private static final int[] NONE = {};

  private int[] ring = NONE;
  private int first;
  private int count;

  int count() {
    return count;
  }

  void add(int size) {
    if (count == ring.length) {
      grow();
    }
    ring[(first + count++) & (ring.length - 1)] = size;
  }

  private void grow() {
    int[] larger = new int[Math.max(4, 2 * ring.length)];
    int head = ring.length - first;
    System.arraycopy(ring, first, larger, 0, head);
    System.arraycopy(ring, 0, larger, head, first);
    ring = larger;
    first = 0;
  }

  /**
   * Removes the oldest.
   *
   * @throws IllegalStateException if there is none
   */
  int remove() {
    if (count == 0) {
      throw new IllegalStateException("no message is unprocessed");
    }
    int size = ring[first];
    first = (first + 1) & (ring.length - 1);
    count--;
    return size;
  }

  /** Gives the memory back if nothing is in it. */
  void trim() {
    if (count == 0) {
      ring = NONE;
      first = 0;
    }
  }

  void forEach(IntConsumer each) {
    for (int i = 0; i < count; i++) {
      each.accept(ring[(first + i) & (ring.length - 1)]);
    }
  }

  @Override
  public String toString() {
    int[] all = new int[count];
    int[] at = {0};
    forEach(size -> all[at[0]++] = size);
    return Arrays.toString(all);
  }
}
