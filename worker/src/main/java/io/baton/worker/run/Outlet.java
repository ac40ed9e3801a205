package io.baton.worker.run;

import io.baton.worker.channel.Unsent;
import io.netty.channel.Channel;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
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

  /** One message on its way; its bytes are counted below that. */
  private static final long MESSAGE = 1L << 36;

  /** What a message costs beside its bytes, as Netty counts it for those that are written. */
  private static final int OVERHEAD = 96;

  private static final AtomicLongFieldUpdater<Outlet> ON_THEIR_WAY =
      AtomicLongFieldUpdater.newUpdater(Outlet.class, "onTheirWay");

  private final Connection connection;
  private final Channel channel;
  private boolean reading;
  private int callbacks;
  private boolean unflushed;
  private boolean flushPlanned;

  /** Messages and their bytes, in one number so that one operation counts both. */
  private volatile long onTheirWay;

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

  /** How much a message counts on its way. */
  static int sizeOf(Object message) {
    return Math.min(Sizes.of(message), Integer.MAX_VALUE - OVERHEAD) + OVERHEAD;
  }

  /** Any thread: a message of so many bytes is about to be handed to the event loop. */
  void entrusted(int bytes) {
    ON_THEIR_WAY.addAndGet(this, MESSAGE + bytes);
  }

  /** Any thread: that message will not be handed over after all. */
  void withdrawn(int bytes) {
    ON_THEIR_WAY.addAndGet(this, -MESSAGE - bytes);
  }

  /**
   * Any thread: whether more waits for the client than may, a message just entrusted not counted.
   */
  boolean overflows(int bytes) {
    return pending() - bytes > maxPending();
  }

  /** As {@link #overflows}, on the event loop, which first sends what can be sent. */
  boolean isFull() {
    if (channel.isWritable() || pending() <= maxPending()) {
      return false;
    }
    if (unflushed) {
      flush();
    }
    return pending() > maxPending();
  }

  /** Any thread: what the service has sent and the client has not taken, in bytes. */
  long pending() {
    return Unsent.bytes(channel) + onTheirWay % MESSAGE;
  }

  private int maxPending() {
    return connection.maxPendingBytes();
  }

  private int messagesOnTheirWay() {
    return (int) (onTheirWay / MESSAGE);
  }

  /** It is there and will be written next; what else is there already comes before the flush. */
  void arrived(int bytes) {
    ON_THEIR_WAY.addAndGet(this, -MESSAGE - bytes);
    if (!flushPlanned) {
      flushPlanned = true;
      connection.loop().execute(this::allArrived);
    }
  }

  private void allArrived() {
    flushPlanned = false;
    flushUnlessBusy();
    wake();
    tellRoom();
  }

  /** Any thread: somebody is told that there is no room, and is to hear when there is again. */
  void refuse() {
    refused = true;
  }

  /** Tells whoever has to hear it that there is room again, if there is. */
  void tellRoom() {
    if (refused && messagesOnTheirWay() < MAX_ON_THEIR_WAY && channel.isWritable()) {
      refused = false;
      connection.tellWritable();
    }
  }

  /** Any thread: whether less waits than the high-water mark allows. */
  boolean hasRoom() {
    if (messagesOnTheirWay() >= MAX_ON_THEIR_WAY) {
      refused = true;
    }
    return messagesOnTheirWay() < MAX_ON_THEIR_WAY && channel.isWritable();
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
