package io.baton.link.client;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;

/**
 * A time that passes only when a test says so. Timers run on the test's thread; who waits for a
 * condition is woken to look at the time.
 */
final class ManualClock implements ClientClock {
  private final List<Task> tasks = new ArrayList<>();
  private final Set<Condition> waiting = new HashSet<>();
  private long now = Long.MAX_VALUE - 1_000_003; // a monotonic clock may begin anywhere

  private static final class Task {
    final long dueNanos;
    final Runnable what;

    Task(long dueNanos, Runnable what) {
      this.dueNanos = dueNanos;
      this.what = what;
    }
  }

  @Override
  public synchronized long nanos() {
    return now;
  }

  @Override
  @SuppressWarnings("WaitNotInLoop") // The caller has the loop.
  public void await(Condition condition, long nanos) throws InterruptedException {
    synchronized (this) {
      waiting.add(condition);
    }
    condition.await();
  }

  @Override
  public synchronized Runnable after(long nanos, Runnable task) {
    Task added = new Task(now + nanos, task);
    tasks.add(added);
    return () -> cancel(added);
  }

  private synchronized void cancel(Task task) {
    tasks.remove(task);
  }

  /** Returns the number of timers that wait. */
  synchronized int timers() {
    return tasks.size();
  }

  /** Lets time pass, and what is due by then run. */
  void advance(Duration time, Lock sessions) {
    long end = nanos() + time.toNanos();
    for (Optional<Task> due = next(end); due.isPresent(); due = next(end)) {
      due.get().what.run();
    }
    synchronized (this) {
      now = end;
    }
    sessions.lock();
    try {
      List.copyOf(waiting).forEach(Condition::signalAll);
    } finally {
      sessions.unlock();
    }
  }

  private synchronized Optional<Task> next(long end) {
    Optional<Task> first =
        tasks.stream()
            .filter(each -> each.dueNanos - end <= 0)
            .min(Comparator.comparingLong(each -> each.dueNanos - end));
    first.ifPresent(task -> {
      now = task.dueNanos;
      tasks.remove(task);
    });
    return first;
  }
}
