package io.baton.log;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * A line for the log that is worth saying at once, and then no more than once a minute, with how
 * often there was reason to. Not thread safe.
 */
public final class RareLine {
  private static final long PAUSE_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final LongSupplier nanos;
  private long count;
  private long saidAt;
  private boolean said;

  /**
   * @param nanos a monotonic clock
   */
  public RareLine(LongSupplier nanos) {
    this.nanos = nanos;
  }

  /**
   * There is reason to say it.
   *
   * @return how often there was since it was last said, if it is time to say it; else 0
   */
  public long due() {
    count++;
    long now = nanos.getAsLong();
    if (said && now - saidAt < PAUSE_NANOS) {
      return 0;
    }
    said = true;
    saidAt = now;
    long since = count;
    count = 0;
    return since;
  }
}
