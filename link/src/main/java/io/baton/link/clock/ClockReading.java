package io.baton.link.clock;

/**
 * An interval that contains the offset between two clocks, there minus here, and what it grows to.
 * All times are nanoseconds of monotonic clocks, which may wrap around; so may offsets.
 *
 * @param low the least offset at the time {@code at}
 * @param width from the least to the greatest offset at that time
 * @param at the time here for which the interval was computed
 * @param maxDrift by how much the clocks may drift apart, as a part of one
 * @param drift the estimate of how much faster the clock there runs, as a part of one
 * @param samples how many answers have been used
 * @param steps how often the answers contradicted each other, so that the estimate began anew: a
 *     clock was set or stood still, or drifts by more than {@code maxDrift}
 */
public record ClockReading(
    long low, long width, long at, double maxDrift, double drift, long samples, long steps) {

  /** Tells whether there is an estimate at all. */
  public boolean isKnown() {
    return samples > 0;
  }

  /** Returns the middle of the interval, which the drift moves nowhere. */
  public long offset() {
    return low + width / 2;
  }

  /** Returns how far {@link #offset} may be wrong at a time, later than {@code at} or not. */
  public long bound(long now) {
    return width - width / 2 + widening(now - at, maxDrift);
  }

  /** Returns by how much two clocks may drift apart in a time. */
  static long widening(long age, double maxDrift) {
    return (long) Math.ceil(Math.abs((double) age) * maxDrift);
  }
}
