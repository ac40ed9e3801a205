package io.baton.link.client;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import org.jspecify.annotations.Nullable;

/** The time of a client and the two ways to wait for it, so that tests need not wait. */
interface ClientClock {
  /** The time that passes. */
  ClientClock SYSTEM =
      new ClientClock() {
        @Override
        public long nanos() {
          return System.nanoTime();
        }

        @Override
        @SuppressWarnings("WaitNotInLoop") // The caller has the loop.
        public void await(Condition condition, long nanos) throws InterruptedException {
          long left = condition.awaitNanos(nanos);
          assert left <= nanos;
        }

        @Override
        public Runnable after(long nanos, Runnable task) {
          CompletableFuture<@Nullable Void> due = new CompletableFuture<>();
          CompletableFuture<Void> done = due.thenRunAsync(task, Thread::startVirtualThread);
          due.completeOnTimeout(null, nanos, TimeUnit.NANOSECONDS);
          return () -> {
            due.cancel(false);
            done.cancel(false);
          };
        }
      };

  /** Returns a monotonic time from anywhere. */
  long nanos();

  /** Waits until the condition, whose lock is held, is signalled or the time is over. */
  void await(Condition condition, long nanos) throws InterruptedException;

  /**
   * Runs the task on another thread after a time.
   *
   * @return what cancels the task if it has not begun
   */
  Runnable after(long nanos, Runnable task);
}
