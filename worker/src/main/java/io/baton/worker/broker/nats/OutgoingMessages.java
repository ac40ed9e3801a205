package io.baton.worker.broker.nats;

import io.baton.worker.memory.MemoryAccount;
import io.nats.client.Connection;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Messages that the client library has been given and has not begun to send, within fixed bounds.
 * They are booked with the worker's memory. The library does not say when they have gone; asked, it
 * answers only when it has a connection. So a thread of its own asks, one at a time, and what was
 * given since then counts as waiting. Event loop only.
 */
final class OutgoingMessages {
  private static final int MAX_BYTES = 4 * 1024 * 1024;

  static final int MAX_MESSAGES = 32 * 1024;

  /** What a message takes besides its bytes. */
  static final int OVERHEAD = 200;

  /** So many are given before the library is asked again, unless some time passes. */
  private static final int MANY = 256;

  private static final int MANY_BYTES = 64 * 1024;

  /** How often it is looked whether what is booked has gone. */
  private static final long SETTLE_MS = 100;

  /** Some messages. */
  private record Amount(long messages, long bytes) {
    static final Amount NONE = new Amount(0, 0);

    Amount plus(Amount other) {
      return new Amount(messages + other.messages, bytes + other.bytes);
    }

    Amount minus(Amount other) {
      return new Amount(messages - other.messages, bytes - other.bytes);
    }

    long booked() {
      return bytes + OVERHEAD * messages;
    }
  }

  private final BookedBytes booked;
  private final ScheduledExecutorService loop;
  private final UnaryOperator<Runnable> guard;
  private final Runnable settling;
  private @Nullable Connection connection;

  /** What waited when the library was asked last. */
  private Amount seen = Amount.NONE;

  /** What it was given since then. */
  private Amount since = Amount.NONE;

  private boolean asks;
  private boolean settles;

  /**
   * @param guard wraps what the loop does
   */
  OutgoingMessages(
      MemoryAccount memory, ScheduledExecutorService loop, UnaryOperator<Runnable> guard) {
    this.booked = new BookedBytes(memory);
    this.loop = loop;
    this.guard = guard;
    this.settling = guard.apply(this::settle);
  }

  /**
   * Books a message that is given to the library next.
   *
   * @return false if there is no room or no memory for it
   */
  boolean book(Connection its, int bytes) {
    if (connection == null || !connection.equals(its)) {
      forget();
      connection = its;
    }
    Amount waiting = seen.plus(since);
    Amount more = new Amount(1, bytes);
    boolean hasRoom =
        waiting.bytes <= MAX_BYTES
            && waiting.messages <= MAX_MESSAGES
            && booked.set(waiting.plus(more).booked());
    if (hasRoom) {
      since = since.plus(more);
    }
    if (!hasRoom || since.messages >= MANY || since.bytes >= MANY_BYTES) {
      ask();
    }
    settleLater();
    return hasRoom;
  }

  /** The connection is closed, and what was given to it does not go any more. */
  void closed() {
    forget();
  }

  private void forget() {
    connection = null;
    seen = Amount.NONE;
    since = Amount.NONE;
    asks = false;
    var _ = booked.set(0);
  }

  private void settleLater() {
    if (!settles) {
      settles = true;
      var _ = loop.schedule(settling, SETTLE_MS, TimeUnit.MILLISECONDS);
    }
  }

  /** Looks what has gone of what is booked. */
  private void settle() {
    settles = false;
    ask();
  }

  private void ask() {
    Connection its = connection;
    if (its == null || asks) {
      return;
    }
    asks = true;
    Amount before = since;
    Thread.startVirtualThread(() -> {
      Amount waiting =
          new Amount(
              Math.max(0, its.outgoingPendingMessageCount()),
              Math.max(0, its.outgoingPendingBytes()));
      try {
        loop.execute(guard.apply(() -> answered(its, before, waiting)));
      } catch (RejectedExecutionException _) {
        // The worker has ended.
      }
    });
  }

  /**
   * The library has said what waits.
   *
   * @param before what had been given when it was asked
   */
  private void answered(Connection its, Amount before, Amount waiting) {
    if (connection == null || !connection.equals(its)) {
      return;
    }
    asks = false;
    seen = waiting;
    since = since.minus(before);
    long rest = seen.plus(since).booked();
    var _ = booked.set(rest);
    if (rest > 0) {
      settleLater();
    }
  }
}
