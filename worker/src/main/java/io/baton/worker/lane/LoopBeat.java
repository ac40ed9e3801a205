package io.baton.worker.lane;

import io.netty.channel.EventLoop;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A beat of the event loop, by which another thread sees whether it goes round: it counts as being
 * at one task from each beat to the next.
 */
public final class LoopBeat implements Lane.Part, Lane.Runner {
  private final AtomicLong beats = new AtomicLong();
  private volatile @Nullable Thread thread;

  /**
   * Begins.
   *
   * @param guard wraps what is scheduled
   */
  public void start(EventLoop loop, long everyMs, UnaryOperator<Runnable> guard) {
    var _ = loop.scheduleWithFixedDelay(guard.apply(this::beat), 0, everyMs, TimeUnit.MILLISECONDS);
  }

  private void beat() {
    thread = Thread.currentThread();
    beats.incrementAndGet();
  }

  @Override
  public long ended() {
    return beats.get();
  }

  @Override
  public void show(Consumer<Lane.Runner> running) {
    running.accept(this);
  }

  @Override
  public long task() {
    return beats.get();
  }

  @Override
  public @Nullable Thread thread() {
    return thread;
  }
}
