package io.baton.bench;

/**
 * A service's code that is hard on its process: it computes, and it keeps many small objects just
 * long enough for the collector to have to look at them again and again. One thread.
 */
final class Burner {
  /** Objects alive at any time: some 20 MB of them. */
  private static final int KEPT = 1 << 20;

  /** Replaced in one go; about a millisecond. */
  private static final int REPLACED = 20_000;

  private record Kept(long value) {}

  private final Kept[] kept = new Kept[KEPT];
  private int next;
  private long sum;

  /** Returns something that depends on all that was done. */
  long burn() {
    for (int i = 0; i < REPLACED; i++) {
      sum = sum * 31 + next;
      kept[next] = new Kept(sum);
      next = (next + 1) % KEPT;
    }
    return sum;
  }
}
