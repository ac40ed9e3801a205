package io.baton.log;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.spi.ILoggingEvent;
import java.util.concurrent.atomic.LongAdder;

/**
 * Hands log lines to another thread and never waits: when its queue is full a line is dropped, and
 * counted, rather than a client made to wait for a disk.
 */
public final class NonBlockingAppender extends AsyncAppender {
  private static final int QUEUE = 8_192;
  private static final LongAdder DISCARDED = new LongAdder();

  /** Drops nothing before the queue is full. */
  public NonBlockingAppender() {
    setQueueSize(QUEUE);
    setDiscardingThreshold(0);
    setNeverBlock(true);
  }

  /** Lines dropped in this process. */
  public static long discarded() {
    return DISCARDED.sum();
  }

  @Override
  protected void append(ILoggingEvent event) {
    if (getRemainingCapacity() == 0) {
      DISCARDED.increment();
    } else {
      super.append(event);
    }
  }
}
