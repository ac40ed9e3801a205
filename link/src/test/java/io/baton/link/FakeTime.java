package io.baton.link;

import java.io.IOException;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Passes only where somebody waits. Waiting for an answer takes none of it, unless none is to come:
 * then it takes all that it may.
 */
final class FakeTime implements Time {
  private final List<Duration> slept = new ArrayList<>();
  private final Runnable atWait;
  private final Runnable atSleep;
  private final boolean answersCome;
  private long now = -1_000_003; // a monotonic clock may begin anywhere

  private FakeTime(boolean answersCome, Runnable atWait, Runnable atSleep) {
    this.answersCome = answersCome;
    this.atWait = atWait;
    this.atSleep = atSleep;
  }

  static FakeTime withAnswers() {
    return new FakeTime(true, () -> {}, () -> {});
  }

  /** What is to happen once the dialer waits for an answer. */
  static FakeTime atEachWait(Runnable then) {
    return new FakeTime(true, then, () -> {});
  }

  /** What is to happen while the dialer waits for its next attempt. */
  static FakeTime atEachSleep(Runnable then) {
    return new FakeTime(true, () -> {}, then);
  }

  static FakeTime withoutAnswers() {
    return new FakeTime(false, () -> {}, () -> {});
  }

  /** How long the dialer waited before its second attempt, its third, and so on. */
  List<Duration> slept() {
    return slept;
  }

  @Override
  public long nanos() {
    return now;
  }

  @Override
  public void sleep(long nanos) {
    slept.add(Duration.ofNanos(nanos));
    now += nanos;
    atSleep.run();
  }

  @Override
  public void await(Selector selector, long nanos) throws IOException {
    atWait.run();
    if (answersCome) {
      selector.select(_ -> {});
    } else {
      now += nanos;
    }
  }
}
