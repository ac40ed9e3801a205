package io.baton.link.client;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;

/** Passes only where somebody waits. Timers never run. */
final class FakeClientClock implements ClientClock {
  final List<Duration> waits = new ArrayList<>();
  Runnable atEachWait = () -> {};
  private long now = -1_000_003; // a monotonic clock may begin anywhere

  @Override
  public long nanos() {
    return now;
  }

  @Override
  public void await(Condition condition, long nanos) {
    waits.add(Duration.ofNanos(nanos));
    now += nanos;
    atEachWait.run();
  }

  @Override
  public Runnable after(long nanos, Runnable task) {
    return () -> {};
  }
}
