package io.baton.link.client;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What the parts of one session share: the lock that guards all of them and the core, the clock,
 * the writer and the callbacks. Nobody holds the lock while reading, writing or in a callback.
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

  SessionContext(ClientSettings settings, ClientClock clock) {
    this.settings = settings;
    this.clock = clock;
    this.writer = new SessionWriter(lock, clock);
    this.callbacks = new CallbackQueue(lock, writer);
  }

  /** Has written what there is; lock held. A callback's output is written when it returns. */
  void wakeWriter() {
    if (callbacks.isCallback()) {
      writer.wakeSoon();
    } else {
      writer.wake();
    }
  }

  /** Wakes all threads that wait for this session; lock held. */
  void signalAll() {
    room.signalAll();
    changed.signalAll();
  }
}
