package io.baton.worker.load;

import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoRegistration;

/**
 * Measures how busy the event loop is, by standing between it and its IoHandler: the time the
 * handler says it spent on ready descriptors, plus the time between two runs, in which the loop
 * does its tasks. What is left is waiting. Event loop only.
 */
public final class LoopBusy implements IoHandlerContext {
  private static final IoHandlerContext NONE =
      new IoHandlerContext() {
        @Override
        public boolean canBlock() {
          return false;
        }

        @Override
        public long delayNanos(long currentTimeNanos) {
          return 0;
        }

        @Override
        public long deadlineNanos() {
          return -1;
        }
      };

  private IoHandlerContext loop = NONE;
  private long busyNanos;
  private long runEnded;
  private long takenAt;
  private long takenBusy;

  /** A factory whose handler is measured by this object; for one event loop. */
  public IoHandlerFactory measuring(IoHandlerFactory factory) {
    runEnded = System.nanoTime();
    takenAt = runEnded;
    return executor -> new Measured(factory.newHandler(executor));
  }

  /** Share of the time since the last call in which the loop worked, 0 to 1000. */
  public int takePermille() {
    long now = System.nanoTime();
    // This very task belongs to the time after the last run and is not counted there yet.
    long busy = busyNanos + (now - runEnded);
    long share = 1_000 * (busy - takenBusy) / Math.max(1, now - takenAt);
    takenAt = now;
    takenBusy = busy;
    return Math.clamp(share, 0, 1_000);
  }

  @Override
  public boolean canBlock() {
    return loop.canBlock();
  }

  @Override
  public long delayNanos(long currentTimeNanos) {
    return loop.delayNanos(currentTimeNanos);
  }

  @Override
  public long deadlineNanos() {
    return loop.deadlineNanos();
  }

  @Override
  public boolean shouldReportActiveIoTime() {
    return true;
  }

  @Override
  public void reportActiveIoTime(long activeNanos) {
    busyNanos += activeNanos;
    if (loop.shouldReportActiveIoTime()) {
      loop.reportActiveIoTime(activeNanos);
    }
  }

  private final class Measured implements IoHandler {
    private final IoHandler handler;

    Measured(IoHandler handler) {
      this.handler = handler;
    }

    @Override
    public int run(IoHandlerContext context) {
      busyNanos += System.nanoTime() - runEnded;
      loop = context;
      try {
        return handler.run(LoopBusy.this);
      } finally {
        runEnded = System.nanoTime();
      }
    }

    @Override
    public void initialize() {
      handler.initialize();
    }

    @Override
    public void prepareToDestroy() {
      handler.prepareToDestroy();
    }

    @Override
    public void destroy() {
      handler.destroy();
    }

    @Override
    public IoRegistration register(IoHandle handle) throws Exception {
      return handler.register(handle);
    }

    @Override
    public void wakeup() {
      handler.wakeup();
    }

    @Override
    public boolean isCompatible(Class<? extends IoHandle> handleType) {
      return handler.isCompatible(handleType);
    }
  }
}
