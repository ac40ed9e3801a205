package io.baton.link;

import java.io.IOException;
import java.nio.channels.Selector;
import java.time.Duration;

/** The time that passes. */
enum SystemTime implements Time {
  INSTANCE;

  @Override
  public long nanos() {
    return System.nanoTime();
  }

  @Override
  public void sleep(long nanos) throws InterruptedException {
    Thread.sleep(Duration.ofNanos(nanos));
  }

  @Override
  public void await(Selector selector, long nanos) throws IOException {
    long ms = nanos / 1_000_000 + 1; // never 0, which a selector takes for no limit
    selector.select(key -> {}, ms);
  }
}
