package io.baton.worker.lane;

import io.baton.config.Settings.LaneKind;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Sees callbacks that run for too long, from a thread of its own, in all lanes and on the event
 * loop. It looks now and then and reads nobody's clock: what is at the same task as before has been
 * at it for so long.
 *
 * <p>Time in which this thread itself had no processor counts as one look: a process that was
 * stopped is not stuck.
 */
public final class CallbackWatch implements AutoCloseable {
  /** So often it looks within the time that is too long. */
  static final int LOOKS = 4;

  private static final long MAX_PAUSE_MS = 500;

  private final Map<LaneKind, LaneWatch> lanes = new EnumMap<>(LaneKind.class);
  private final LaneWatch loop;
  private final long pauseNanos;
  private @Nullable Thread thread;
  private volatile boolean closed;

  /**
   * Begins to look.
   *
   * @param lanes those there are
   * @param loop the event loop's beat, which is to beat every {@link #pauseMs}
   * @param warningMs a callback that runs for longer is said in the log
   */
  public static CallbackWatch start(Map<LaneKind, Lane> lanes, LoopBeat loop, long warningMs) {
    CallbackWatch watch = new CallbackWatch(lanes, loop, warningMs);
    watch.thread = Thread.ofPlatform().daemon().name("callback-watch").start(watch::run);
    return watch;
  }

  private CallbackWatch(Map<LaneKind, Lane> lanes, LoopBeat loop, long warningMs) {
    pauseNanos = TimeUnit.MILLISECONDS.toNanos(pauseMs(warningMs));
    long warningNanos = TimeUnit.MILLISECONDS.toNanos(warningMs);
    lanes.forEach(
        (kind, lane) -> this.lanes.put(kind, new LaneWatch(kind, lane.parts(), warningNanos)));
    this.loop = new LaneWatch(LaneKind.LOOP, List.of(loop), warningNanos);
  }

  /** Returns the time between two looks. */
  public static long pauseMs(long warningMs) {
    return Math.clamp(warningMs / LOOKS, 1, MAX_PAUSE_MS);
  }

  private void run() {
    long own = 0;
    long last = System.nanoTime();
    while (!closed) {
      LockSupport.parkNanos(pauseNanos);
      long now = System.nanoTime();
      own += Math.min(now - last, 2 * pauseNanos);
      last = now;
      loop.look(own);
      for (LaneWatch lane : lanes.values()) {
        lane.look(own);
      }
    }
  }

  /** Returns for how long the longest callback of a lane has been running. Any thread. */
  public long longestNanos(LaneKind lane) {
    LaneWatch watch = lanes.get(lane);
    return watch == null ? 0 : watch.longestNanos();
  }

  /**
   * Returns for how long a lane with threads of its own, or one of these, has been at something and
   * has ended nothing. Any thread.
   */
  public long standstillNanos() {
    long most = 0;
    for (LaneWatch lane : lanes.values()) {
      most = Math.max(most, lane.standstillNanos());
    }
    return most;
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
  }
}
