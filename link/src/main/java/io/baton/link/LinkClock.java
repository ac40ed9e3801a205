package io.baton.link;

import java.util.OptionalLong;

/**
 * An estimate of the other side's monotonic clock, {@link System#nanoTime}, which holds whatever
 * part of the way a message spends more time on. All times are nanoseconds. Sampling begins with
 * the first call of {@link LinkSession#clock}: 16 questions 20 ms apart, then one every 10 s, while
 * there is a connection. All methods may be called from any thread and never wait.
 */
public interface LinkClock {
  /**
   * Returns the other side's clock minus this side's, at this moment; empty before the first sample
   * has arrived. The truth is at most {@link #bound} away.
   */
  OptionalLong offset();

  /** Returns how far {@link #offset} may be wrong at this moment; empty as it is. */
  OptionalLong bound();

  /**
   * Returns how much faster the other side's clock runs, as a part of one: 0.0001 gains 100 µs per
   * second. 0 as long as it is not known.
   */
  double drift();

  /**
   * Converts a time of this side's {@link System#nanoTime} into the other side's.
   *
   * @throws IllegalStateException before the first sample has arrived
   */
  long toPeer(long nanos);
}
