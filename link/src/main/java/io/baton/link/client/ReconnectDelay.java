package io.baton.link.client;

import java.util.concurrent.TimeUnit;

/**
 * The time to wait before an attempt to connect: none before the first, then a random part of a
 * span that doubles with each failure. The whole span is random ("full jitter"), so that clients
 * that lost one server together do not come back together.
 */
final class ReconnectDelay {
  static final long FIRST_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(5);

  private ReconnectDelay() {}

  /**
   * Returns nanoseconds to wait.
   *
   * @param failures attempts that failed since there was a connection
   * @param chance from 0 to 1, random
   * @param retryAfterMillis what the server asked for, which the delay is added to; 0 if it did not
   */
  static long nanos(int failures, double chance, long retryAfterMillis) {
    if (failures == 0) {
      return 0;
    }
    long span = Math.min(FIRST_NANOS << Math.min(failures - 1, 10), LONGEST_NANOS);
    long asked = TimeUnit.MILLISECONDS.toNanos(Math.max(0, retryAfterMillis));
    return asked + Math.min((long) (span * chance), Long.MAX_VALUE - asked);
  }
}
