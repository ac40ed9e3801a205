package io.baton.worker.run;

import io.baton.service.Cancellable;
import io.baton.worker.time.Wheel;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a session has asked to be run later; all of it ends with the session. */
final class Timers {
  private final LiveSession<?, ?> session;
  private final Connection connection;

  /** On the event loop only; most sessions never have one. */
  private @Nullable Set<Timer> waiting;

  Timers(LiveSession<?, ?> session, Connection connection) {
    this.session = session;
    this.connection = connection;
  }

  /** From any thread. */
  Cancellable start(Duration delay, Runnable task) {
    Timer timer = new Timer(task, connection.host().clock().nanos() + delay.toNanos());
    connection.onLoop(timer::begin);
    return timer;
  }

  void cancelAll() {
    Set<Timer> all = waiting;
    waiting = null;
    if (all != null) {
      all.forEach(Timer::stop);
    }
  }

  private final class Timer extends Wheel.Alarm implements Cancellable {
    private final Runnable task;
    private final long at;
    private volatile boolean over;

    Timer(Runnable task, long at) {
      this.task = task;
      this.at = at;
    }

    void begin() {
      if (over || session.ending() != null) {
        return;
      }
      if (waiting == null) {
        waiting = new HashSet<>();
      }
      waiting.add(this);
      connection.host().clock().set(this, at);
    }

    @Override
    protected void ring() {
      forget();
      connection.strand().submit(() -> session.runTask(this::runUnlessOver));
    }

    private void runUnlessOver() {
      if (!over) {
        task.run();
      }
    }

    /** At once, even if its time has come and it only waits for the lane. */
    @Override
    public void cancel() {
      over = true;
      connection.onLoop(() -> {
        forget();
        clear();
      });
    }

    private void stop() {
      over = true;
      clear();
    }

    private void forget() {
      if (waiting != null) {
        waiting.remove(this);
      }
    }
  }
}
