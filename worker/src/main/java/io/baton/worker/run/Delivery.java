package io.baton.worker.run;

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
final class Delivery implements Runnable {
  private static final AtomicIntegerFieldUpdater<Delivery> OPEN =
      AtomicIntegerFieldUpdater.newUpdater(Delivery.class, "open");

  private final LiveSession<?, ?> session;
  private final Object message;
  private final int bytes;
  private final long start;

  /** Whether another thread than the event loop's let go of it; seen by whoever is the last. */
  private boolean letGoElsewhere;

  /** The open holds, and one for {@code received} itself. */
  private volatile int open = 1;

  Delivery(LiveSession<?, ?> session, Object message, int bytes, long start) {
    this.session = session;
    this.message = message;
    this.bytes = bytes;
    this.start = start;
  }

  /** In the lane. */
  @Override
  public void run() {
    session.deliver(this);
    letGo();
  }

  Object message() {
    return message;
  }

  /** As it came; the service may have read it. */
  int bytes() {
    return bytes;
  }

  /** When it was handed out, in the clock's nanoseconds. */
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
        letGo();
      }
    };
  }

  private void letGo() {
    EventLoop loop = session.connection().loop();
    boolean here = loop.inEventLoop();
    if (!here) {
      letGoElsewhere = true;
    }
    // Whoever is alone need not count with care: only received, which is one of them, adds more.
    if (open > 1 && OPEN.decrementAndGet(this) > 0) {
      return;
    }
    OPEN.lazySet(this, 0);
    // What another thread sent before it released its hold may still be in the loop's queue; being
    // processed comes after that, for it may be what ends the session.
    if (here && !letGoElsewhere && !session.connection().outlet().isExpecting()) {
      processed();
    } else {
      loop.execute(this::processed);
    }
  }

  private void processed() {
    try {
      ReferenceCountUtil.release(message);
    } catch (IllegalReferenceCountException e) {
      session.connection().fail(session, e); // the service has released what was not its own
    } finally {
      session.connection().processed(this);
    }
  }
}
