package io.baton.pipe;

/** Sums of counts, which never overflow. */
final class Sums {
  private Sums() {}

  /** Returns the sum of two that are not negative; what is beyond 63 bits stays at the most. */
  static long sum(long a, long b) {
    long sum = a + b;
    return sum < 0 ? Long.MAX_VALUE : sum;
  }
}
