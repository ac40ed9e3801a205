package io.baton.worker.time;

import io.netty.channel.EventLoop;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * A timeout for which only the time counts in which the event loop itself ran. A process that was
 * stopped, or got no processor, finds others late who had no chance to be in time: of such a pause
 * one slice counts at most.
 *
 * <p>Event loop only.
 */
public final class RunningTimeout implements Runnable {
  /** Slices into which the time is cut. */
  static final int SLICES = 8;

  private final EventLoop loop;
  private final BooleanSupplier pending;
  private final Runnable expired;
  private final long sliceNanos;
  private int slicesLeft = SLICES;

  private RunningTimeout(
      EventLoop loop, long sliceNanos, BooleanSupplier pending, Runnable expired) {
    this.loop = loop;
    this.sliceNanos = sliceNanos;
    this.pending = pending;
    this.expired = expired;
  }

  /**
   * Begins a timeout.
   *
   * @param pending whether what is waited for has not come yet; once it says no, nothing runs
   * @param expired runs at the end
   */
  public static void begin(EventLoop loop, long ms, BooleanSupplier pending, Runnable expired) {
    long sliceNanos = TimeUnit.MILLISECONDS.toNanos(ms) / SLICES;
    new RunningTimeout(loop, sliceNanos, pending, expired).nextSlice();
  }

  private void nextSlice() {
    var _ = loop.schedule(this, sliceNanos, TimeUnit.NANOSECONDS);
  }

  /** A slice has passed; for the event loop. */
  @Override
  public void run() {
    if (!pending.getAsBoolean()) {
      return;
    }
    slicesLeft--;
    if (slicesLeft > 0) {
      nextSlice();
    } else {
      expired.run();
    }
  }
}
