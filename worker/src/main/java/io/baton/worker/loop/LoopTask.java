package io.baton.worker.loop;

import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;

/**
 * A task of the event loop that runs once, however often it is asked for before it begins. Asked
 * for while it runs, it runs once more. Nothing happens once the worker has ended. Any thread.
 */
public final class LoopTask {
  private final ScheduledExecutorService loop;
  private final Runnable task;
  private final AtomicBoolean isDue = new AtomicBoolean();

  /**
   * A task that nobody has asked for.
   *
   * @param guard wraps what the loop does
   */
  public LoopTask(ScheduledExecutorService loop, UnaryOperator<Runnable> guard, Runnable task) {
    this.loop = loop;
    this.task =
        guard.apply(() -> {
          isDue.set(false);
          task.run();
        });
  }

  /** Has the task run with those that the event loop has already. */
  public void runSoon() {
    if (isDue.compareAndSet(false, true)) {
      try {
        loop.execute(task);
      } catch (RejectedExecutionException _) {
        // The worker has ended.
      }
    }
  }

  /**
   * Has the task run after the sockets had their turn. What asks for itself again and again does so
   * here: executed, it would come before all that the sockets bring.
   */
  public void runAfterSockets() {
    if (isDue.compareAndSet(false, true)) {
      try {
        var _ = loop.schedule(task, 1, TimeUnit.NANOSECONDS);
      } catch (RejectedExecutionException _) {
        // The worker has ended.
      }
    }
  }
}
