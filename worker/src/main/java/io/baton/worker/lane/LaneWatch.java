package io.baton.worker.lane;

import io.baton.config.Settings.LaneKind;
import io.baton.log.RareLine;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one lane is at, by looks now and then: since when each runner has been at the same task, and
 * since when each part has ended none. Says in the log where callbacks are that run for too long,
 * at once and then at most once a minute. One thread looks; the results are any thread's.
 */
final class LaneWatch {
  /** A callback that goes on is said again after so long. */
  private static final long AGAIN_NANOS = TimeUnit.MINUTES.toNanos(1);

  private static final Logger LOG = LoggerFactory.getLogger(LaneWatch.class);

  private final LaneKind kind;
  private final long warningNanos;
  private final List<PartWatch> parts = new ArrayList<>();
  private final RareLine running;
  private final RareLine waiting;
  private long now;
  private volatile long longest;
  private volatile long standstill;

  /**
   * @param warningNanos a callback that runs for longer is said
   */
  LaneWatch(LaneKind kind, List<Lane.Part> parts, long warningNanos) {
    this.kind = kind;
    this.warningNanos = warningNanos;
    this.running = new RareLine(() -> now);
    this.waiting = new RareLine(() -> now);
    parts.forEach(part -> this.parts.add(new PartWatch(part)));
  }

  /**
   * Looks.
   *
   * @param nanos a monotonic clock's
   */
  void look(long nanos) {
    now = nanos;
    long oldest = now;
    long still = 0;
    for (PartWatch part : parts) {
      part.look();
      oldest = Math.min(oldest, part.oldest);
      still = Math.max(still, now - Math.max(part.oldest, part.endedSince));
    }
    longest = now - oldest;
    standstill = still;
  }

  /** Returns for how long the longest callback has been running. Any thread. */
  long longestNanos() {
    return longest;
  }

  /** Returns for how long a part has been at something and has ended nothing. Any thread. */
  long standstillNanos() {
    return standstill;
  }

  /** One part, as it was at the last look. */
  private final class PartWatch {
    private final Lane.Part part;
    private final Map<Lane.Runner, Seen> runners = new HashMap<>();
    private long ended = -1;

    /** Since when it has ended nothing. */
    private long endedSince;

    /** Since when the first of its runners has been at its task; now, if there is none. */
    private long oldest;

    PartWatch(Lane.Part part) {
      this.part = part;
    }

    void look() {
      long count = part.ended();
      if (count != ended) {
        ended = count;
        endedSince = now;
      }
      oldest = now;
      part.show(this::look);
      runners.values().removeIf(seen -> seen.at != now);
    }

    private void look(Lane.Runner runner) {
      long task = runner.task();
      Seen seen = runners.get(runner);
      if (seen == null || seen.task != task) {
        seen = new Seen(task, now, now + warningNanos);
        runners.put(runner, seen);
      }
      seen.at = now;
      oldest = Math.min(oldest, seen.since);
      if (now >= seen.sayAt) {
        seen.sayAt = now + AGAIN_NANOS;
        late(runner.thread(), now - seen.since);
      }
    }
  }

  /** A runner that has been at the same task for a while. */
  private static final class Seen {
    final long task;
    final long since;
    long sayAt;

    /** The last look at which it was. */
    long at;

    Seen(long task, long since, long sayAt) {
      this.task = task;
      this.since = since;
      this.sayAt = sayAt;
    }
  }

  private void late(@Nullable Thread thread, long nanos) {
    long times = (thread == null ? waiting : running).due();
    if (times == 0) {
      return;
    }
    long ms = TimeUnit.NANOSECONDS.toMillis(nanos);
    String more = times == 1 ? "" : " (" + times + " like it since that was last said)";
    if (thread == null) {
      LOG.warn(
          "lane {}: a session has waited for {} ms for a thread: other callbacks do not let go of"
              + " the processors{}",
          kind.name().toLowerCase(Locale.ROOT),
          ms,
          more);
    } else if (kind == LaneKind.LOOP) {
      LOG.warn(
          "the event loop has been at one thing for {} ms (callback-warning) and serves nobody"
              + " meanwhile{}; it is here:",
          ms,
          more,
          new Whereabouts(thread));
    } else {
      LOG.warn(
          "lane {}: a callback has been running for {} ms (callback-warning){}; it is here:",
          kind.name().toLowerCase(Locale.ROOT),
          ms,
          more,
          new Whereabouts(thread));
    }
  }

  /** Where a thread is; never thrown. */
  private static final class Whereabouts extends Throwable {
    private static final long serialVersionUID = 1L;

    Whereabouts(Thread thread) {
      super("thread " + thread.getName() + ", " + thread.getState());
      setStackTrace(thread.getStackTrace());
    }
  }
}
