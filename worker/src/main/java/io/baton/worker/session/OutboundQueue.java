package io.baton.worker.session;

import io.netty.channel.EventLoop;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The count of messages that other threads have sent and that are still on their way to the event
 * loop, and the room there is for more. It outlives its session's carriers.
 *
 * <p>While a session is given to another worker, in one turn of the event loop, its queue is
 * {@linkplain #seal sealed}: nothing is on its way then, and a thread that sends waits for the
 * outcome.
 */
final class OutboundQueue {
  /** Messages that may be on their way. */
  private static final int MAX_ON_THEIR_WAY = 64;

  /** One message on its way; its bytes are counted below that. */
  private static final long MESSAGE = 1L << 36;

  /** How often a thread looks whether a session that is being given away has moved. */
  private static final long LOOK_NANOS = 20_000;

  private static final AtomicLongFieldUpdater<OutboundQueue> ON_THEIR_WAY =
      AtomicLongFieldUpdater.newUpdater(OutboundQueue.class, "onTheirWay");

  /** The session, as its queue sees it. */
  interface Owner {
    /** Any thread. */
    EventLoop loop();

    /** Where messages go from here. Any thread. */
    SessionOutput output();

    /** Returns whether each of the clients takes what it is sent. Any thread. */
    default boolean isWritable() {
      return output().isWritable();
    }

    /** The most bytes that may wait for the client. Any thread. */
    int maxPendingBytes();

    /** There is room again for what the service sends. Event loop only. */
    void roomAgain();
  }

  private final Owner owner;

  /** Messages and their bytes, in one number so that one operation counts both. */
  private volatile long onTheirWay;

  /** A sender was told that there is no room, and has to hear when there is again. */
  private volatile boolean refused;

  private volatile boolean sealed;
  private volatile @Nullable Thread waiter;

  /** A flush of what has arrived is planned. Event loop only. */
  private boolean flushPlanned;

  OutboundQueue(Owner owner) {
    this.owner = owner;
  }

  // ---- any thread ----

  /**
   * Counts a message that is about to be handed to the event loop, which the session then waits for
   * before it moves. (The message is counted before the look at the seal, and the session looks the
   * other way round, so one of the two sees the other. The turn in which a session is given is
   * waited for: only its end tells whether the session is still here.)
   *
   * @param over whether the session takes nothing more
   * @return false if it does not: the message is not counted
   */
  boolean enter(int bytes, BooleanSupplier over) {
    count(bytes);
    while (!over.getAsBoolean()) {
      if (!sealed || owner.loop().inEventLoop()) {
        return true; // the loop itself has nothing to say in that turn
      }
      withdraw(bytes);
      LockSupport.parkNanos(LOOK_NANOS);
      count(bytes);
    }
    withdraw(bytes);
    return false;
  }

  private void count(int bytes) {
    ON_THEIR_WAY.addAndGet(this, MESSAGE + bytes);
  }

  /** Takes back what {@link #enter} counted: the message is not handed over after all. */
  void withdraw(int bytes) {
    ON_THEIR_WAY.addAndGet(this, -MESSAGE - bytes);
  }

  /** Returns whether more waits for the client than may, this message not counted. */
  boolean exceedsPending(int bytes) {
    return pending() - bytes > owner.maxPendingBytes();
  }

  /** Returns the bytes that the service has sent and the client has not taken. */
  long pending() {
    return owner.output().pending() + onTheirWay % MESSAGE;
  }

  /** Returns whether nothing is on its way. */
  boolean isEmpty() {
    return onTheirWay == 0;
  }

  private int messages() {
    return (int) (onTheirWay / MESSAGE);
  }

  /** Returns whether less is on its way, and pending, than may be; a no is made up for later. */
  boolean hasRoom() {
    boolean room = messages() < MAX_ON_THEIR_WAY;
    if (!room) {
      refuse();
    }
    return room && owner.isWritable();
  }

  /** A sender was told that there is no room: it is to hear when there is. */
  void refuse() {
    refused = true;
  }

  /**
   * Waits, on the session's own thread, which may block, until there is room, or it no longer
   * matters, or the thread is interrupted, which is for its owner to handle.
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

  // ---- event loop ----

  /** Returns whether too much is pending even after what can be sent was sent. */
  boolean isOverfull() {
    SessionOutput output = owner.output();
    if (output.isWritable() || pending() <= owner.maxPendingBytes()) {
      return false;
    }
    output.flush();
    return pending() > owner.maxPendingBytes();
  }

  /** A message has arrived and is written next; others that have arrived come before the flush. */
  void arrived(int bytes) {
    withdraw(bytes);
    if (!flushPlanned) {
      flushPlanned = true;
      SessionOutput output = owner.output();
      output.beginBatch();
      owner.loop().execute(() -> allArrived(output));
    }
  }

  private void allArrived(SessionOutput output) {
    flushPlanned = false;
    output.endBatch();
    wake();
    tellRoom();
  }

  /** Tells a sender that was refused that there is room again, if there is. */
  void tellRoom() {
    if (refused && messages() < MAX_ON_THEIR_WAY && owner.isWritable()) {
      refused = false;
      owner.roomAgain();
    }
  }

  /** Returns whether a thread waits for room. */
  boolean isAwaited() {
    return waiter != null;
  }

  /** There may be room again, or no need for it any more. */
  void wake() {
    Thread waiting = waiter;
    if (waiting != null) {
      LockSupport.unpark(waiting);
    }
  }

  /**
   * Holds back, for this turn, what other threads send, or lets it go on.
   *
   * @return false if something is on its way: then it is not held back
   */
  boolean seal(boolean seals) {
    sealed = seals;
    if (seals && !isEmpty()) {
      sealed = false;
    }
    return sealed == seals;
  }
}
