package io.baton.worker.delivery;

import io.netty.channel.EventLoop;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/**
 * What other threads bring to the event loop and it has not come to. Its messages have {@value
 * #MAX_BYTES} bytes at most. Any thread.
 */
final class LoopInbox {
  private static final int MAX_BYTES = 4 * 1024 * 1024;

  /** What has become of a task. */
  enum Answer {
    /** It runs in the event loop. */
    TAKEN,
    /** Too much waits there; it does not run. */
    FULL,
    /** The worker has ended; it does not run. */
    ENDED
  }

  private final EventLoop loop;
  private final UnaryOperator<Runnable> guard;
  private final Semaphore room = new Semaphore(MAX_BYTES);

  /**
   * An empty inbox.
   *
   * @param guard wraps what the loop does
   */
  LoopInbox(EventLoop loop, UnaryOperator<Runnable> guard) {
    this.loop = loop;
    this.guard = guard;
  }

  /**
   * Has something done with a message.
   *
   * @param bytes of the message
   * @param waitMs how long this thread may wait for room
   */
  Answer put(int bytes, long waitMs, Runnable task) {
    if (!await(bytes, waitMs)) {
      return Answer.FULL;
    }
    boolean isTaken =
        put(() -> {
          room.release(bytes);
          task.run();
        });
    if (isTaken) {
      return Answer.TAKEN;
    }
    room.release(bytes);
    return Answer.ENDED;
  }

  private boolean await(int bytes, long waitMs) {
    try {
      return waitMs == 0
          ? room.tryAcquire(bytes)
          : room.tryAcquire(bytes, waitMs, TimeUnit.MILLISECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /**
   * Has something done that has no message.
   *
   * @return false if the worker has ended
   */
  boolean put(Runnable task) {
    try {
      loop.execute(guard.apply(task));
      return true;
    } catch (RejectedExecutionException _) {
      return false;
    }
  }
}
