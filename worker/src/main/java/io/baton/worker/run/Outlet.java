package io.baton.worker.run;

import io.netty.channel.Channel;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Where a connection's messages go out. What is written while something is being read, while a
 * callback runs, or from other threads in a row, is flushed together: one system call for all of
 * it. Event loop only, except where a method says otherwise.
 */
final class Outlet {
  /** Messages that may be on their way from a lane's thread to the event loop. */
  private static final int MAX_ON_THEIR_WAY = 64;

  private static final AtomicIntegerFieldUpdater<Outlet> ON_THEIR_WAY =
      AtomicIntegerFieldUpdater.newUpdater(Outlet.class, "onTheirWay");

  private final Connection connection;
  private final Channel channel;
  private boolean reading;
  private int callbacks;
  private boolean unflushed;
  private boolean flushPlanned;
  private volatile int onTheirWay;

  /** Somebody was told that too much is on its way, and has to hear when it no longer is. */
  private volatile boolean refused;

  private volatile @Nullable Thread waiter;

  Outlet(Connection connection) {
    this.connection = connection;
    this.channel = connection.channel();
  }

  /** Messages of one read are coming; {@link #readComplete} will follow. */
  void reading() {
    reading = true;
  }

  boolean isReading() {
    return reading;
  }

  void readComplete() {
    reading = false;
    flushUnlessBusy();
  }

  /** A callback begins; they nest. */
  void enter() {
    callbacks++;
  }

  void exit() {
    callbacks--;
    flushUnlessBusy();
  }

  void write(Object message) {
    unflushed = true;
    // A failure comes back as an exception through the pipeline.
    var _ = channel.write(message, channel.voidPromise());
    flushUnlessBusy();
  }

  /** Whether more may be written; flushes first if that is what stands in the way. */
  boolean writable() {
    if (!channel.isWritable() && unflushed) {
      flush();
    }
    return channel.isWritable();
  }

  private void flushUnlessBusy() {
    if (unflushed && !reading && callbacks == 0 && !flushPlanned) {
      flush();
    }
  }

  private void flush() {
    unflushed = false;
    channel.flush();
    connection.patience().flushed();
  }

  // ---- from other threads ----

  /** Any thread: a message is about to be handed to the event loop. */
  void entrusted() {
    ON_THEIR_WAY.incrementAndGet(this);
  }

  /** Any thread: that message will not be handed over after all. */
  void withdrawn() {
    ON_THEIR_WAY.decrementAndGet(this);
  }

  /** It is there and will be written next; what else is there already comes before the flush. */
  void arrived() {
    ON_THEIR_WAY.decrementAndGet(this);
    if (!flushPlanned) {
      flushPlanned = true;
      connection.loop().execute(this::allArrived);
    }
  }

  private void allArrived() {
    flushPlanned = false;
    flushUnlessBusy();
    wake();
    if (refused && onTheirWay < MAX_ON_THEIR_WAY && channel.isWritable()) {
      refused = false;
      connection.tellWritable();
    }
  }

  /** Any thread: whether less waits than the high-water mark allows. */
  boolean hasRoom() {
    if (onTheirWay >= MAX_ON_THEIR_WAY) {
      refused = true;
    }
    return onTheirWay < MAX_ON_THEIR_WAY && channel.isWritable();
  }

  /** Any thread: whether messages that were sent before are still on their way here. */
  boolean isExpecting() {
    return onTheirWay > 0;
  }

  /**
   * The session's own thread, which may block: waits until there is room or it no longer matters,
   * or the thread is interrupted, which is its owner's matter.
   */
  void awaitRoom(BooleanSupplier over) {
    Thread current = Thread.currentThread();
    while (!hasRoom() && !over.getAsBoolean() && !current.isInterrupted()) {
      waiter = current;
      if (!hasRoom() && !over.getAsBoolean()) {
        LockSupport.park(this);
      }
      waiter = null;
    }
  }

  /** There may be room again, or no need for it any more. */
  void wake() {
    Thread waiting = waiter;
    if (waiting != null) {
      LockSupport.unpark(waiting);
    }
  }
}
