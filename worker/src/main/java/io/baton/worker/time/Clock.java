package io.baton.worker.time;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.netty.util.concurrent.Ticker;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Turns the wheel of an event loop: sleeps as long as no alarm can ring, and altogether while none
 * is set. Event loop only.
 */
public final class Clock {
  /** How late an alarm may be. */
  public static final long TICK_MS = 10;

  private static final int SLOTS = 1024;

  private final EventLoop loop;
  private final Ticker ticker;
  private final Wheel wheel;
  private @Nullable ScheduledFuture<?> turn;
  private long turnAt;

  public Clock(EventLoop loop) {
    this.loop = loop;
    this.ticker = loop.ticker();
    this.wheel = new Wheel(TimeUnit.MILLISECONDS.toNanos(TICK_MS), SLOTS, ticker.nanoTime());
  }

  /** A monotonic clock's nanoseconds: the event loop's. Any thread. */
  public long nanos() {
    return ticker.nanoTime();
  }

  /**
   * Sets the alarm, or sets it anew.
   *
   * @param at a time of {@link #nanos}
   */
  public void set(Wheel.Alarm alarm, long at) {
    turnBy(wheel.set(alarm, at));
  }

  private void turnBy(long at) {
    ScheduledFuture<?> planned = turn;
    if (planned != null) {
      if (turnAt - at <= 0) {
        return;
      }
      planned.cancel(false);
    }
    turnAt = at;
    turn = loop.schedule(this::turn, Math.max(0, at - nanos()), TimeUnit.NANOSECONDS);
  }

  private void turn() {
    turn = null;
    wheel.advance(nanos());
    if (!wheel.isEmpty()) {
      turnBy(wheel.nextRing());
    }
  }
}
