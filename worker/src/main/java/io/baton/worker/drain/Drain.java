package io.baton.worker.drain;

import io.baton.pipe.Message.Redirected;
import io.baton.worker.session.ManagedSession;
import io.baton.worker.session.OpenSessions;
import io.netty.channel.EventLoop;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Brings all sessions to their end within a time.
 *
 * <pre>
 *   RUNNING ── begin ──► DRAINING ── no session open, all Taken out ──► DONE
 *                           │  at once: every session is told goodbye, or waits for its client's
 *                           │  return at another machine
 *                           │  after the grace: what is idle ends
 *                           │  after the time: everything ends, and a service that still runs is
 *                           │  not waited for much longer
 * </pre>
 *
 * <p>Event loop only.
 */
public final class Drain {
  /**
   * A client may have sent a request just before it could know; what arrives within this time, or
   * half of the drain's if that is shorter, is still answered.
   */
  static final long GRACE_MS = 500;

  /** Callbacks that are still running when the time is up get this long to return. */
  static final long LAST_CALLBACKS_MS = 1_000;

  private final EventLoop loop;
  private final OpenSessions sessions;
  private final BooleanSupplier settled;
  private final Runnable arrivals;
  private final Runnable done;
  private final UnaryOperator<Runnable> guard;
  private final LongSupplier taken;
  private boolean draining;
  private boolean redirects;

  /** Sessions that wait, or have waited, for their clients to come back at another machine. */
  private long waiting;

  private long all;
  private long takenBefore;
  private boolean expired;
  private boolean finished;
  private long graceMs;
  private long deadline = Long.MAX_VALUE;

  /**
   * @param settled whether no connection waits for its Taken to go out, or to become a session
   * @param arrivals ends those that wait to become sessions
   * @param taken how many sessions have gone to other machines so far
   * @param done runs once, at the end
   * @param guard wraps what is scheduled
   */
  public Drain(
      EventLoop loop,
      OpenSessions sessions,
      BooleanSupplier settled,
      Runnable arrivals,
      LongSupplier taken,
      Runnable done,
      UnaryOperator<Runnable> guard) {
    this.loop = loop;
    this.sessions = sessions;
    this.settled = settled;
    this.arrivals = arrivals;
    this.taken = taken;
    this.done = done;
    this.guard = guard;
  }

  /**
   * Begins, with clients that may come back going to other machines, or, if it has begun, shortens
   * the time left.
   */
  public void redirect(long timeoutMs) {
    redirects = true; // also if it has begun: what has ended since then is counted
    begin(timeoutMs);
  }

  /**
   * Returns what becomes of the sessions, if this worker ends now; null if none was to go to
   * another machine.
   */
  public @Nullable Redirected redirected() {
    if (!redirects) {
      return null;
    }
    long went = Math.min(taken.getAsLong() - takenBefore, waiting);
    return new Redirected(went, all - waiting, waiting - went);
  }

  /** Begins, or, if it has begun, shortens the time left. */
  public void begin(long timeoutMs) {
    long now = System.nanoTime();
    long until = now + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
    if (!draining) {
      draining = true;
      deadline = until;
      graceMs = Math.min(GRACE_MS, timeoutMs / 2);
      sessions.watch(this::opened, this::check);
      takenBefore = taken.getAsLong();
      sessions.all().forEach(this::leave);
      later(() -> sessions.all().forEach(ManagedSession::endIfIdle), graceMs);
    } else if (until - deadline < 0) {
      deadline = until;
    }
    if (timeoutMs == 0) {
      expire();
    } else {
      later(this::expire, timeoutMs);
    }
    check();
  }

  /** A connection whose Taken went out before we knew. */
  private void opened(ManagedSession session) {
    if (expired) {
      session.abort();
    } else {
      leave(session);
      later(session::endIfIdle, graceMs);
    }
  }

  private void leave(ManagedSession session) {
    all++;
    if (redirects && session.redirect()) {
      waiting++;
    } else {
      session.goodbye();
    }
  }

  private void later(Runnable task, long ms) {
    var _ = loop.schedule(guard.apply(task), ms, TimeUnit.MILLISECONDS);
  }

  private void expire() {
    expired = true;
    arrivals.run();
    sessions.all().forEach(ManagedSession::abort);
    check();
    later(this::finish, LAST_CALLBACKS_MS);
  }

  /** Looks whether it is over; for whoever changes what that depends on. */
  public void check() {
    // What has not been taken when the time is up stays the manager's.
    boolean over = draining && sessions.isEmpty() && (expired || settled.getAsBoolean());
    if (over) {
      finish();
    }
  }

  private void finish() {
    if (!finished) {
      finished = true;
      done.run();
    }
  }

  /** What is left of the time, in milliseconds. */
  public long restMs() {
    return draining ? Math.max(0, TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime())) : 0;
  }
}
