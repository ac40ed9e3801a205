package io.baton.manager.history;

import io.baton.manager.fleet.FleetView;
import io.baton.manager.fleet.FleetView.WorkerView;
import io.baton.pipe.Load;
import java.time.InstantSource;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Supplier;

/**
 * The load of the last 15 minutes: {@value #MAX} samples, one every {@value #PERIOD_MS} ms. One
 * thread samples; any may look.
 */
public final class LoadHistory {
  /** Milliseconds between two samples. */
  public static final long PERIOD_MS = 5_000;

  /** The number of samples that are kept. */
  public static final int MAX = 180;

  /**
   * What the samples are made from.
   *
   * @param connections open now
   * @param messages received and sent since the start
   * @param errors since the start: sessions that ended because the service or the codec threw,
   *     clients refused because no worker could serve them, connections lost with their worker
   * @param latencyP99Nanos since the last reading; empty if there is nothing to tell it from
   */
  public record Reading(
      long connections, long messages, long errors, OptionalLong latencyP99Nanos) {

    /** Reads a fleet. */
    public static Reading of(FleetView fleet, OptionalLong latencyP99Nanos) {
      FleetView.Totals totals = fleet.totals();
      Load.Counters counters = totals.counters();
      long refused = fleet.listeners().stream().mapToLong(FleetView.ListenerCounts::refused).sum();
      return new Reading(
          fleet.workers().stream().map(WorkerView::load).mapToLong(Load::connections).sum(),
          counters.messagesIn() + counters.messagesOut(),
          counters.errors() + refused + totals.lost(),
          latencyP99Nanos);
    }
  }

  private final InstantSource clock;
  private final Ring<LoadSample> samples = new Ring<>(MAX);
  private Reading last = new Reading(0, 0, 0, OptionalLong.empty());
  private long lastMs;
  private long dueMs;

  /**
   * Makes an empty history.
   *
   * @param clock the time of day
   * @param nowMs on the clock of {@link #tick}
   */
  public LoadHistory(InstantSource clock, long nowMs) {
    this.clock = clock;
    this.lastMs = nowMs;
    this.dueMs = nowMs + PERIOD_MS;
  }

  /**
   * Time has passed: takes a sample if one is due.
   *
   * @param nowMs on a clock that is never set
   * @param reading called only then
   */
  public void tick(long nowMs, Supplier<Reading> reading) {
    if (nowMs < dueMs) {
      return;
    }
    // After a standstill there is one sample for all of it, and no short ones to catch up.
    dueMs = (nowMs - dueMs < PERIOD_MS ? dueMs : nowMs) + PERIOD_MS;
    Reading now = reading.get();
    samples.add(
        new LoadSample(
            clock.instant(),
            now.connections,
            risen(last.messages, now.messages) * 1000.0 / (nowMs - lastMs),
            now.latencyP99Nanos,
            risen(last.errors, now.errors)));
    last = now;
    lastMs = nowMs;
  }

  /** A worker that dies takes what it has not reported yet: not a negative rate. */
  private static long risen(long before, long now) {
    return Math.max(0, now - before);
  }

  /** Returns the samples, the oldest first. */
  public List<LoadSample> all() {
    return samples.all();
  }
}
