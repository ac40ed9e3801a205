package io.baton.link;

import java.io.IOException;
import java.nio.channels.Selector;
import java.time.Duration;

/** The clock and the two ways to wait by it, so that tests need not wait. */
interface Time {
  /** The time that passes. */
  Time SYSTEM =
      new Time() {
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
          selector.select(nanos / 1_000_000 + 1); // never 0, which would be no limit
          selector.selectedKeys().clear();
        }
      };

  /** Monotonic, from anywhere. */
  long nanos();

  void sleep(long nanos) throws InterruptedException;

  /** Waits until the selector has something, the time is over or the thread is interrupted. */
  void await(Selector selector, long nanos) throws IOException;
}
