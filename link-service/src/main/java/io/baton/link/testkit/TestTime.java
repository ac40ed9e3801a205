package io.baton.link.testkit;

import io.baton.service.Cancellable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** The time of a {@link TestLink}: it stands still until it is told, and has timers. */
final class TestTime {
  private final List<Timer> timers = new ArrayList<>();
  private long nanos;

  /** A timer, which is equal to itself only. */
  private static final class Timer {
    private final long at;
    private final Runnable task;

    Timer(long at, Runnable task) {
      this.at = at;
      this.task = task;
    }
  }

  long nanos() {
    return nanos;
  }

  Duration now() {
    return Duration.ofNanos(nanos);
  }

  /** Sets the time, which may not go back. */
  void set(long at) {
    nanos = at;
  }

  synchronized Cancellable after(Duration delay, Runnable task) {
    Timer timer = new Timer(nanos + delay.toNanos(), task);
    timers.add(timer);
    return () -> cancel(timer);
  }

  private synchronized void cancel(Timer timer) {
    timers.remove(timer);
  }

  /** Returns when the next timer is due. */
  synchronized OptionalLong next() {
    return timers.stream().mapToLong(each -> each.at).min();
  }

  /** Runs the timers that are due. */
  void runDue() {
    for (Timer due = due(); due != null; due = due()) {
      due.task.run();
    }
  }

  private synchronized @Nullable Timer due() {
    for (Timer each : timers) {
      if (each.at <= nanos) {
        timers.remove(each);
        return each;
      }
    }
    return null;
  }
}
