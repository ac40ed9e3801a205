package io.baton.bench;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * The load on one session: so many messages are always in flight, and each answer is followed by
 * the next message. The first answer comes alone, so that from then on only the session's listener
 * sends.
 */
final class EchoLoad implements EchoClient.Listener {
  private static final int DIGITS = 3;
  private static final int DRAIN_SECONDS = 30;

  private final byte[] payload;
  private final long[] sentNanos;
  private final Histogram nanos = new Histogram(DIGITS);
  private final AtomicLong answers = new AtomicLong();
  private final CountDownLatch done = new CountDownLatch(1);
  private EchoClient.@Nullable Session session;
  private long sent;
  private volatile boolean measured;
  private volatile boolean stopped;
  private volatile @Nullable String failure;

  EchoLoad(int size, int inFlight) {
    payload = new byte[size];
    sentNanos = new long[inFlight];
  }

  /** Begins; called once. */
  void begin(EchoClient.Session on) {
    session = on;
    send(on);
  }

  private void send(EchoClient.Session to) {
    sentNanos[(int) (sent++ % sentNanos.length)] = System.nanoTime();
    to.send(payload);
  }

  @Override
  public void answered(byte[] answer) {
    EchoClient.Session to = session;
    if (to == null || answer.length != payload.length) {
      lost("was answered with %,d bytes".formatted(answer.length));
      return;
    }
    long before = answers.get();
    if (measured) {
      nanos.recordValue(System.nanoTime() - sentNanos[(int) (before % sentNanos.length)]);
    }
    answers.lazySet(before + 1);
    while (!stopped && sent - answers.get() < sentNanos.length) {
      send(to);
    }
    if (sent == answers.get()) {
      done.countDown();
    }
  }

  @Override
  public void lost(String why) {
    failure = why;
    done.countDown();
  }

  /** Returns the number of answers so far. */
  long answers() {
    return answers.get();
  }

  /** Times the answers from now on. */
  void measure() {
    measured = true;
  }

  /** Sends nothing more. */
  void stop() {
    measured = false;
    stopped = true;
  }

  /**
   * Waits for the last answer, after {@link #stop}.
   *
   * @return the times of those that were measured, in nanoseconds
   */
  Histogram finish() throws InterruptedException {
    if (!done.await(DRAIN_SECONDS, TimeUnit.SECONDS)) {
      throw new BenchException("a session was not answered for " + DRAIN_SECONDS + " s");
    }
    if (failure != null) {
      throw new BenchException("a session was lost: " + failure);
    }
    return nanos;
  }
}
