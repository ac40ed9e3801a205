package io.baton.link.client;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * What the parts of one session share: the lock that guards all of them and the core, the clock,
 * the writer, the callbacks and the pings. Nobody holds the lock while reading, writing or in a
 * callback.
 */
final class SessionContext {
  final ReentrantLock lock = new ReentrantLock();

  /** Signalled when there may be room to send, or none will ever be. */
  final Condition room = lock.newCondition();

  /** Signalled when the session changes its state. */
  final Condition changed = lock.newCondition();

  final ClientSettings settings;
  final ClientClock clock;
  final SessionWriter writer;
  final CallbackQueue callbacks;
  final Pings pings;

  SessionContext(ClientSettings settings, ClientClock clock) {
    this.settings = settings;
    this.clock = clock;
    this.writer = new SessionWriter(lock, clock);
    this.callbacks = new CallbackQueue(lock, writer);
    this.pings = new Pings(lock, clock, writer, settings.keepAlive);
  }

  /** Has what there is written; lock held. A callback's output is written when it returns. */
  void wakeWriter() {
    if (callbacks.isCallback()) {
      writer.wakeSoon();
    } else {
      writer.wake();
    }
  }

  /**
   * Tries to send until it succeeds, waiting for room in between; an interrupt does not end the
   * wait. For any thread.
   *
   * @param possible asked with the lock held whether there may ever be room
   * @param attempt called with the lock held; returns whether there was room
   * @return false if it is not possible
   */
  boolean whenRoom(BooleanSupplier possible, BooleanSupplier attempt) {
    lock.lock();
    try {
      while (possible.getAsBoolean()) {
        if (attempt.getAsBoolean()) {
          wakeWriter();
          return true;
        }
        writer.wake();
        room.awaitUninterruptibly();
      }
      return false;
    } finally {
      lock.unlock();
    }
  }

  /** Wakes all threads that wait for this session; lock held. */
  void signalAll() {
    room.signalAll();
    changed.signalAll();
  }
}
