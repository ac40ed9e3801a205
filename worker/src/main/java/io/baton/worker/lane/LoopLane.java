package io.baton.worker.lane;

import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** On the event loop itself, at once: no queue and no other thread. */
public final class LoopLane implements Lane {
  private final EventLoop loop;

  public LoopLane(EventLoop loop) {
    this.loop = loop;
  }

  @Override
  public Strand strand(Runnable roomAgain) {
    return new LoopStrand();
  }

  @Override
  public int depth() {
    return 0;
  }

  @Override
  public void close() {}

  private final class LoopStrand implements Strand {
    private boolean running;

    /** What was submitted by a running task; most sessions never need it. */
    private @Nullable Queue<Runnable> later;

    @Override
    public void submit(Runnable task) {
      if (running) {
        if (later == null) {
          later = new ArrayDeque<>(2);
        }
        later.add(task);
        return;
      }
      running = true;
      try {
        for (Runnable next = task; next != null; next = later == null ? null : later.poll()) {
          next.run();
        }
      } finally {
        running = false;
      }
    }

    @Override
    public boolean hasRoom() {
      return true;
    }

    @Override
    public boolean isCurrent() {
      return running && loop.inEventLoop();
    }

    @Override
    public boolean mayBlock() {
      return false;
    }
  }
}
