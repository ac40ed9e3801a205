package io.baton.worker.broker.nats;

import io.baton.worker.memory.MemoryAccount;
import io.nats.client.Connection;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Messages that the client library has been given and has not begun to send, within fixed bounds.
 * They are booked with the worker's memory; the library does not say when they have gone, so that
 * is looked at from time to time. Event loop only.
 */
final class OutgoingMessages {
  private static final int MAX_BYTES = 4 * 1024 * 1024;

  private static final int MAX_MESSAGES = 32 * 1024;

  /** What a message takes besides its bytes. */
  private static final int OVERHEAD = 200;

  /** How often it is looked whether what is booked has gone. */
  private static final long SETTLE_MS = 100;

  private final BookedBytes booked;
  private final ScheduledExecutorService loop;
  private final Runnable settling;
  private @Nullable Connection connection;
  private boolean settles;

  /**
   * @param guard wraps what the loop does
   */
  OutgoingMessages(
      MemoryAccount memory, ScheduledExecutorService loop, UnaryOperator<Runnable> guard) {
    this.booked = new BookedBytes(memory);
    this.loop = loop;
    this.settling = guard.apply(this::settle);
  }

  /**
   * Books a message that is given to the library next.
   *
   * @return false if there is no room or no memory for it
   */
  boolean book(Connection its, int bytes) {
    if (its.outgoingPendingBytes() > MAX_BYTES
        || its.outgoingPendingMessageCount() > MAX_MESSAGES
        || !booked.set(pending(its) + OVERHEAD + bytes)) {
      return false;
    }
    connection = its;
    settleLater();
    return true;
  }

  /** The connection is closed, and what was given to it does not go any more. */
  void closed() {
    connection = null;
  }

  private static long pending(Connection its) {
    return Math.max(0, its.outgoingPendingBytes())
        + OVERHEAD * Math.max(0, its.outgoingPendingMessageCount());
  }

  private void settleLater() {
    if (!settles) {
      settles = true;
      var _ = loop.schedule(settling, SETTLE_MS, TimeUnit.MILLISECONDS);
    }
  }

  /** Gives back what was booked for messages that have gone. */
  private void settle() {
    settles = false;
    Connection its = connection;
    long pending = its == null ? 0 : pending(its);
    var _ = booked.set(pending);
    if (pending > 0) {
      settleLater();
    }
  }
}
