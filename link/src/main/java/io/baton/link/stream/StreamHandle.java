package io.baton.link.stream;

import io.baton.link.LinkException;
import java.io.InterruptedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What the handles of both directions have in common: a lock, a wait, and one end.
 *
 * <p>The lock may be taken by a thread that has the core, so no thread that has the lock asks for
 * the core. The end is set by a thread that has the core, so that it is clear whether it came
 * before or after the session was saved.
 */
abstract class StreamHandle {
  final ReentrantLock lock = new ReentrantLock();
  final String name;
  private final Condition changed = lock.newCondition();
  private volatile boolean over;
  private @Nullable LinkException failure;

  StreamHandle(String name) {
    this.name = name;
  }

  /** Ends the handle with the lock held; a failure of null is success. False if it has ended. */
  boolean end(@Nullable LinkException why) {
    if (over) {
      return false;
    }
    over = true;
    failure = why;
    changed.signalAll();
    return true;
  }

  boolean isOver() {
    return over;
  }

  /** Returns what the handle has failed with; null also if it has not ended. With the lock held. */
  @Nullable LinkException failure() {
    return failure;
  }

  /** Wakes all that wait; with the lock held. */
  void changed() {
    changed.signalAll();
  }

  /** Waits until something has changed so, or the handle has ended; with the lock held. */
  void await(BooleanSupplier what) throws InterruptedIOException {
    try {
      while (!over && !what.getAsBoolean()) {
        changed.await();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for the stream " + name);
    }
  }

  /** Throws what the handle has failed with, as a new exception of the caller's; with the lock. */
  void check() throws LinkException {
    if (failure != null) {
      throw new LinkException(failure.code(), String.valueOf(failure.getMessage()), failure);
    }
  }

  /**
   * Completes a user's future on a thread that has neither the lock nor the core, because users may
   * do anything then.
   */
  static <T> void complete(
      CompletableFuture<T> future, @Nullable T value, @Nullable LinkException why) {
    Thread.startVirtualThread(() -> {
      if (why == null) {
        future.complete(value);
      } else {
        future.completeExceptionally(why);
      }
    });
  }

  /** Describes an end of this stream. */
  LinkException because(int code, String text, @Nullable Throwable cause) {
    return new LinkException(code, "the stream %s %s".formatted(name, text), cause);
  }
}
