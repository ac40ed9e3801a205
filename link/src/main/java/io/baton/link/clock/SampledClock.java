package io.baton.link.clock;

import io.baton.link.LinkClock;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/**
 * The users' view of a {@link ClockEstimate}, for which the session's driver asks and reads
 * answers. All methods may be called from any thread; users read an immutable snapshot and never
 * wait.
 */
public final class SampledClock implements LinkClock {
  private final LongSupplier nanoTime;
  private final ClockEstimate estimate;
  private volatile ClockReading reading;

  /**
   * Shows an estimate, which nobody else uses any more.
   *
   * @param nanoTime this side's monotonic clock: {@link System#nanoTime}
   */
  public SampledClock(ClockEstimate estimate, LongSupplier nanoTime) {
    this.estimate = estimate;
    this.nanoTime = nanoTime;
    reading = estimate.reading();
  }

  /** Returns when to ask next, of this side's clock; a past time means now. */
  public long nextAt() {
    synchronized (estimate) {
      return estimate.nextAt(nanoTime.getAsLong());
    }
  }

  /** Returns the time to write into a question that is sent now. */
  public long ask() {
    synchronized (estimate) {
      long now = nanoTime.getAsLong();
      estimate.asked(now);
      return now;
    }
  }

  /** Takes an answer that was read now; an answer that nobody asked for is ignored. */
  public void answered(long t1, long t2, long t3) {
    synchronized (estimate) {
      if (estimate.answered(t1, t2, t3, nanoTime.getAsLong())) {
        reading = estimate.reading();
      }
    }
  }

  /** Returns what the estimate can be restored from in another process of this machine. */
  public byte[] save() {
    synchronized (estimate) {
      return estimate.save();
    }
  }

  /** Returns the whole snapshot: the interval, the number of samples, and of steps of a clock. */
  public ClockReading reading() {
    return reading;
  }

  @Override
  public OptionalLong offset() {
    ClockReading now = reading;
    return now.isKnown() ? OptionalLong.of(now.offset()) : OptionalLong.empty();
  }

  @Override
  public OptionalLong bound() {
    ClockReading now = reading;
    return now.isKnown() ? OptionalLong.of(now.bound(nanoTime.getAsLong())) : OptionalLong.empty();
  }

  @Override
  public double drift() {
    return reading.drift();
  }

  @Override
  public long toPeer(long nanos) {
    ClockReading now = reading;
    if (!now.isKnown()) {
      throw new IllegalStateException("no answer of the other side has arrived yet");
    }
    return nanos + now.offset();
  }
}
