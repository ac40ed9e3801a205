package io.baton.worker.session;

import io.baton.service.Hold;
import io.netty.channel.EventLoop;
import io.netty.util.IllegalReferenceCountException;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

/**
 * A message on its way through its session's lane. It is processed, on the event loop, when {@code
 * received} has returned and the last of its holds is released, by whatever thread.
 */
final class InboundMessage implements Runnable {
  private static final AtomicIntegerFieldUpdater<InboundMessage> OPEN =
      AtomicIntegerFieldUpdater.newUpdater(InboundMessage.class, "open");

  /** The session that a message came to. */
  interface Receiver {
    /** Any thread. */
    EventLoop loop();

    /** Gives the message to the service. In the lane. */
    void deliver(InboundMessage message);

    /** Whether something that other threads have sent is still on its way. Any thread. */
    boolean expectsSends();

    /** The service has let go of the message. Event loop only. */
    void processed(InboundMessage message);

    /** The service has released what was not its own. Event loop only. */
    void failed(IllegalReferenceCountException cause);
  }

  private final Receiver receiver;
  private final Object content;
  private final int bytes;
  private final long start;

  /** Another thread than the event loop's let go of it; seen by whoever is the last. */
  private boolean releasedElsewhere;

  /** The open holds, and one for {@code received} itself. */
  private volatile int open = 1;

  InboundMessage(Receiver receiver, Object content, long start) {
    this.receiver = receiver;
    this.content = content;
    this.bytes = MessageSize.of(content);
    this.start = start;
  }

  /** In the lane. */
  @Override
  public void run() {
    receiver.deliver(this);
    release();
  }

  Object content() {
    return content;
  }

  /** Returns its size as it came; the service may have read it. */
  int bytes() {
    return bytes;
  }

  /** Returns when it was handed out, in the clock's nanoseconds. */
  long start() {
    return start;
  }

  boolean isProcessed() {
    return open == 0;
  }

  Hold hold() {
    OPEN.incrementAndGet(this);
    AtomicBoolean released = new AtomicBoolean();
    return () -> {
      if (released.compareAndSet(false, true)) {
        release();
      }
    };
  }

  private void release() {
    EventLoop loop = receiver.loop();
    boolean here = loop.inEventLoop();
    if (!here) {
      releasedElsewhere = true;
    }
    // Whoever is alone need not count with care: only received, which is one of them, adds more.
    if (open > 1 && OPEN.decrementAndGet(this) > 0) {
      return;
    }
    OPEN.lazySet(this, 0);
    // What another thread sent before it released its hold may still be in the loop's queue; being
    // processed comes after that, for it may be what ends the session.
    if (here && !releasedElsewhere && !receiver.expectsSends()) {
      processed();
    } else {
      loop.execute(this::processed);
    }
  }

  private void processed() {
    try {
      ReferenceCountUtil.release(content);
    } catch (IllegalReferenceCountException e) {
      receiver.failed(e);
    } finally {
      receiver.processed(this);
    }
  }
}
