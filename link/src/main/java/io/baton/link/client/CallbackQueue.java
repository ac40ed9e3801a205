package io.baton.link.client;

import io.baton.link.LinkSession;
import io.baton.link.core.LinkCode;
import io.baton.link.types.MalformedException;
import io.baton.link.types.SchemaException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The callbacks of a session in their order, and the thread that runs them one after the other.
 * When it has run all there are, it writes what the handler has sent meanwhile: so an answer costs
 * no wake-up of another thread.
 *
 * <p>The number of callbacks is bounded by the windows, since a message counts as consumed only
 * after its callback.
 */
final class CallbackQueue {
  /** One call of the handler. */
  interface Callback {
    void run() throws MalformedException, SchemaException;
  }

  /**
   * A callback that waits.
   *
   * @param consumed what to do when it has run, with the lock held; null if it is not a message
   */
  private record Entry(Callback callback, @Nullable Runnable consumed) {}

  private final ReentrantLock lock;
  private final Condition input;
  private final SessionWriter writer;
  private final Deque<Entry> entries = new ArrayDeque<>();
  private @Nullable Entry lastAway;
  private boolean dropsMessages;
  private boolean ended;
  private volatile @Nullable Thread thread;

  CallbackQueue(ReentrantLock lock, SessionWriter writer) {
    this.lock = lock;
    this.input = lock.newCondition();
    this.writer = writer;
  }

  // ---- with the lock held ----

  /** Adds a callback. */
  void add(Callback callback) {
    add(new Entry(callback, null));
  }

  /**
   * Adds the callback of a message.
   *
   * @param consumed what to do when it has returned, with the lock held
   */
  void addMessage(Callback callback, Runnable consumed) {
    add(new Entry(callback, consumed));
  }

  private void add(Entry entry) {
    entries.addLast(entry);
    input.signal();
  }

  /** Adds the callback for a connection that is lost. */
  void addAway(Callback callback) {
    lastAway = new Entry(callback, null);
    add(lastAway);
  }

  /** Adds the callback for a connection that is back; if its loss is still untold, so is both. */
  void addBack(Callback callback) {
    if (lastAway != null && lastAway.equals(entries.peekLast())) {
      entries.removeLast();
    } else {
      add(callback);
    }
  }

  /** Adds the last callback. */
  void addLast(Callback callback) {
    add(callback);
    ended = true;
  }

  /** Returns how many callbacks wait. */
  int size() {
    return entries.size();
  }

  /** From here on messages are consumed without being told. */
  void dropMessages() {
    dropsMessages = true;
  }

  // ---- for any thread ----

  /** Returns whether the caller is a callback of this session. */
  boolean isCallback() {
    return Thread.currentThread().equals(thread);
  }

  // ---- the handler's thread ----

  /** Runs callbacks until the last one has returned: what the session's handler thread does. */
  void run(LinkSession<?, ?> session) {
    thread = Thread.currentThread();
    for (Entry entry = next(null); entry != null; entry = next(entry)) {
      try {
        entry.callback.run();
      } catch (MalformedException e) {
        session.close(LinkCode.PROTOCOL.number(), unreadable(e));
      } catch (SchemaException e) {
        session.close(LinkCode.SCHEMA.number(), unreadable(e));
      } catch (Throwable e) {
        session.close(LinkCode.ERROR.number(), "an error in the other side's handler");
        Thread current = Thread.currentThread();
        current.getUncaughtExceptionHandler().uncaughtException(current, e);
      }
    }
  }

  private static String unreadable(Exception e) {
    return "a message could not be read: " + e.getMessage();
  }

  /** Waits for the next callback, after the one that is done; returns null after the last one. */
  private @Nullable Entry next(@Nullable Entry done) {
    Thread.interrupted(); // A callback's own; it must not meet a socket.
    lock.lock();
    try {
      if (done != null) {
        consume(done);
      }
      while (true) {
        Entry entry = entries.pollFirst();
        if (entry == null) {
          if (ended) {
            return null;
          }
          if (!writer.flush()) {
            input.awaitUninterruptibly();
          }
        } else if (dropsMessages && entry.consumed != null) {
          consume(entry);
        } else {
          return entry;
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private void consume(Entry entry) {
    if (entry.consumed != null) {
      entry.consumed.run();
      writer.consumed();
    }
  }
}
