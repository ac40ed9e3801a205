package io.baton.link;

import java.util.concurrent.TimeUnit;

/** How long to wait after so many failures. */
final class Backoff {
  static final long FIRST_MS = 10;
  static final long LONGEST_MS = 1_000;

  private Backoff() {}

  /**
   * Doubles with each failure.
   *
   * @param failures in a row, at least 1
   * @param chance from 0, for half of the delay, to 1, for all of it
   */
  static long nanos(int failures, double chance) {
    long doubled = FIRST_MS << Math.min(failures - 1, 16);
    long longest = TimeUnit.MILLISECONDS.toNanos(Math.min(doubled, LONGEST_MS));
    return (long) (longest * (0.5 + chance / 2));
  }
}
