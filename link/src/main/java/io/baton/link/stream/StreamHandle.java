package io.baton.link.stream;

import io.baton.link.LinkException;
import io.baton.link.core.LinkCode;
import java.io.InterruptedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
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

  /** The number of bytes, -1 if it is not known. */
  final long length;

  /** Set once, with the lock held; 0 before. */
  int channel;

  /** How many bytes this side has sent, those that may be lost included. */
  volatile long sent;

  private final Condition changed = lock.newCondition();

  /** Counts the changes, with the lock held. */
  private int changes;

  private volatile boolean over;
  private @Nullable LinkException failure;

  StreamHandle(String name, long length) {
    this.name = name;
    this.length = length;
  }

  /** Has the core asked for the next bytes, or to take those that were written. */
  abstract void request();

  /** Tells the other side that the stream ends with a code, and ends the handle. */
  abstract void cut(LinkException why);

  /**
   * Ends the handle, unless it has ended; by a thread that has the core.
   *
   * @param why null if the stream is complete
   * @param told whether the end of a file's transfer is told
   * @return false if it has ended before
   */
  abstract boolean over(@Nullable LinkException why, boolean told);

  /** Ends the handle with the lock held; a failure of null is success. False if it has ended. */
  boolean end(@Nullable LinkException why) {
    if (over) {
      return false;
    }
    over = true;
    failure = why;
    changed();
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
    changes++;
    changed.signalAll();
  }

  /** Waits for the next change or the end of the handle; with the lock held. */
  void awaitChange() throws InterruptedIOException {
    int before = changes;
    try {
      while (changes == before) {
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

  /** Describes an end that the other side has told. */
  LinkException endedBy(String who, int code) {
    LinkCode known = LinkCode.of(code);
    Object name = known == LinkCode.UNKNOWN ? "code " + code : known;
    return because(code, "was ended by %s: %s".formatted(who, name), null);
  }

  /** Describes an end of this stream. */
  LinkException because(LinkCode code, String text, @Nullable Throwable cause) {
    return because(code.number(), text, cause);
  }

  /** Describes an end of this stream with any code. */
  LinkException because(int code, String text, @Nullable Throwable cause) {
    return new LinkException(code, "the stream %s %s".formatted(name, text), cause);
  }
}
