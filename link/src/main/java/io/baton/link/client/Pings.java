package io.baton.link.client;

import io.baton.link.LinkClock;
import io.baton.link.clock.ClockEstimate;
import io.baton.link.clock.SampledClock;
import io.baton.link.core.LinkCore;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The questions that a session asks its server over each connection: for a sign of life when it is
 * silent, and for the time once somebody wants to know that. A connection that stays silent is
 * closed, which its reader notices. No timer is touched when something is read: the one there is
 * looks at the time of the last read.
 *
 * <p>Used with the session's lock held.
 */
final class Pings {
  /** The longest wait for a sign of life; as long as the silence before if that is shorter. */
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final ReentrantLock lock;
  private final ClientClock time;
  private final SessionWriter writer;
  private final long silenceNanos;
  private @Nullable LinkConnection connection;
  private @Nullable LinkCore core;
  private long lastReadNanos;
  private boolean asked;
  private Runnable cancelWatch = () -> {};
  private @Nullable SampledClock clock;
  private Runnable cancelSample = () -> {};

  /** Asks over no connection yet. */
  Pings(ReentrantLock lock, ClientClock time, SessionWriter writer, Duration keepAlive) {
    this.lock = lock;
    this.time = time;
    this.writer = writer;
    this.silenceNanos = TimeUnit.NANOSECONDS.convert(keepAlive);
  }

  /** Asks over this connection from here on. */
  void attach(LinkCore core, LinkConnection connection) {
    this.core = core;
    this.connection = connection;
    asked = false;
    read();
    watch(connection, silenceNanos);
    sample(connection);
  }

  /** Notes that something was read. */
  void read() {
    lastReadNanos = time.nanos();
  }

  /** Asks nothing until the next connection is attached. */
  void detach() {
    connection = null;
    cancelWatch.run();
    cancelSample.run();
  }

  /** Forgets the server's time: the next session may be another machine's. */
  void forgetClock() {
    if (clock != null) {
      clock = newClock();
    }
  }

  // ---- signs of life ----

  private void watch(LinkConnection watched, long nanos) {
    if (silenceNanos > 0) {
      cancelWatch = time.after(nanos, () -> ifAttached(watched, this::look));
    }
  }

  private void look(LinkConnection watched) {
    long quiet = time.nanos() - lastReadNanos;
    if (quiet < silenceNanos) {
      asked = false;
      watch(watched, silenceNanos - quiet);
    } else if (asked) {
      watched.close();
    } else {
      asked = true;
      ping(time.nanos());
      watch(watched, Math.min(silenceNanos, PATIENCE_NANOS));
    }
  }

  // ---- time ----

  /** Returns the estimate of the server's clock; samples are taken from the first call on. */
  LinkClock clock() {
    if (clock == null) {
      clock = newClock();
      if (connection != null) {
        sample(connection);
      }
    }
    return clock;
  }

  private SampledClock newClock() {
    return new SampledClock(new ClockEstimate(), time::nanos);
  }

  private void sample(LinkConnection over) {
    if (clock != null) {
      long nanos = Math.max(1, clock.nextAt() - time.nanos());
      cancelSample = time.after(nanos, () -> ifAttached(over, this::ask));
    }
  }

  private void ask(LinkConnection over) {
    if (clock != null) {
      ping(clock.ask());
      sample(over);
    }
  }

  /** Takes the answer. */
  void ponged(long t1, long t2, long t3) {
    if (clock != null) {
      clock.answered(t1, t2, t3);
    }
  }

  // ---- both ----

  private interface Step {
    void on(LinkConnection connection);
  }

  /** Runs what a timer was set for, unless the connection is another one by now. */
  private void ifAttached(LinkConnection then, Step step) {
    lock.lock();
    try {
      if (then.equals(connection)) {
        step.on(then);
      }
    } finally {
      lock.unlock();
    }
  }

  private void ping(long t1) {
    if (core != null) {
      core.ping(t1);
      writer.wake();
    }
  }
}
