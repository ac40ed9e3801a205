package io.baton.worker.run;

import io.baton.service.Cancellable;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What a session has asked to be run later; all of it ends with the session. */
final class Timers {
  private final LoopSession<?, ?> session;

  /** On the event loop only; most sessions never have one. */
  private @Nullable Set<Timer> waiting;

  Timers(LoopSession<?, ?> session) {
    this.session = session;
  }

  /** From any thread. */
  Cancellable start(Duration delay, Runnable task) {
    Timer timer = new Timer(task, delay.toNanos());
    timer.onLoop(timer::begin);
    return timer;
  }

  void cancelAll() {
    Set<Timer> all = waiting;
    waiting = null;
    if (all != null) {
      all.forEach(Timer::stop);
    }
  }

  private final class Timer implements Cancellable, Runnable {
    private final Runnable task;
    private final long delayNanos;
    private final long started = System.nanoTime();
    private boolean over;
    private @Nullable ScheduledFuture<?> future;

    Timer(Runnable task, long delayNanos) {
      this.task = task;
      this.delayNanos = delayNanos;
    }

    void begin() {
      if (over || session.ending() != null) {
        return;
      }
      if (waiting == null) {
        waiting = new HashSet<>();
      }
      waiting.add(this);
      long rest = delayNanos - (System.nanoTime() - started);
      future = session.loop().schedule(this, Math.max(0, rest), TimeUnit.NANOSECONDS);
    }

    @Override
    public void run() {
      forget();
      if (session.ending() == null) {
        session.guarded(task);
      }
    }

    @Override
    public void cancel() {
      onLoop(() -> {
        forget();
        stop();
      });
    }

    void stop() {
      over = true;
      ScheduledFuture<?> f = future;
      if (f != null) {
        f.cancel(false);
      }
    }

    private void forget() {
      if (waiting != null) {
        waiting.remove(this);
      }
    }

    void onLoop(Runnable action) {
      if (session.loop().inEventLoop()) {
        action.run();
      } else {
        session.loop().execute(action);
      }
    }
  }
}
