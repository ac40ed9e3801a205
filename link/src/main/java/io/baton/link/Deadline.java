package io.baton.link;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** When patience ends; kept as a start and a length, whose difference cannot overflow. */
final class Deadline {
  private final Time time;
  private final long startNanos;
  private final long lengthNanos;

  /** Begins now; more than 292 years are 292 years. */
  Deadline(Duration length, Time time) {
    this.time = time;
    this.startNanos = time.nanos();
    this.lengthNanos = TimeUnit.NANOSECONDS.convert(length);
  }

  /** Not positive once it is over. */
  long leftNanos() {
    return lengthNanos - (time.nanos() - startNanos);
  }

  /** Waits for the selector, but no longer than there is time. */
  void await(Selector selector) throws IOException, InterruptedException {
    long left = leftNanos();
    if (left <= 0) {
      throw new SocketTimeoutException("it took the connection, but there was no answer in time");
    }
    time.await(selector, left);
    if (Thread.interrupted()) {
      throw new InterruptedException("interrupted while waiting for an answer");
    }
  }
}
