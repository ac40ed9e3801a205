package io.baton.bench;

/**
 * When connections moved, as far as looking at a count every so often can tell: the time from the
 * last look before it grew to the first look with its last value. So it is too long by at most the
 * time between two looks, twice. One thread.
 */
final class Moves {
  private long first = -1;
  private long last = -1;
  private long beganNanos;
  private long endedNanos;

  /** The count is this, now. */
  void saw(long count) {
    saw(count, System.nanoTime());
  }

  void saw(long count, long nowNanos) {
    if (first < 0) {
      first = count;
      last = count;
    }
    if (count == first) {
      beganNanos = nowNanos;
      endedNanos = nowNanos;
    } else if (count != last) {
      endedNanos = nowNanos;
    }
    last = count;
  }

  /** How many it were; 0 if nothing was seen. */
  long count() {
    return last - first;
  }

  double seconds() {
    return (endedNanos - beganNanos) / 1e9;
  }

  @Override
  public String toString() {
    return count() == 0
        ? "no move was seen"
        : "%,d moved in %.2f s: %,.0f/s".formatted(count(), seconds(), count() / seconds());
  }
}
