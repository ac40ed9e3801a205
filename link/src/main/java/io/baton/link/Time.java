package io.baton.link;

import java.io.IOException;
import java.nio.channels.Selector;

/** The clock and the two ways to wait by it, so that tests need not wait. */
interface Time {
  /** Monotonic, from anywhere. */
  long nanos();

  void sleep(long nanos) throws InterruptedException;

  /** Waits until the selector has something, the time is over or the thread is interrupted. */
  void await(Selector selector, long nanos) throws IOException;
}
