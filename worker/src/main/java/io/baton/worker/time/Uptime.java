package io.baton.worker.time;

import java.util.concurrent.TimeUnit;

/** The time since something began, by a monotonic clock. Any thread. */
public final class Uptime {
  private final long startedNanos = System.nanoTime();

  /** Returns milliseconds. */
  public long ms() {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startedNanos);
  }
}
