package io.baton.worker.time;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RunningTimeoutTest {
  private static final long TIMEOUT_MS = 800;
  private static final long SLICE_MS = TIMEOUT_MS / RunningTimeout.SLICES;

  private final EmbeddedChannel channel = new EmbeddedChannel();
  private boolean pending = true;
  private int expired;

  RunningTimeoutTest() {
    channel.freezeTime();
    RunningTimeout.begin(channel.eventLoop(), TIMEOUT_MS, () -> pending, () -> expired++);
  }

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  /** The loop comes to its tasks after so long. */
  private void pass(long ms) {
    channel.advanceTimeBy(ms, TimeUnit.MILLISECONDS);
    channel.runPendingTasks();
  }

  @Test
  void expiresOnceAfterItsTimeWhileTheLoopRuns() {
    for (int i = 1; i < RunningTimeout.SLICES; i++) {
      pass(SLICE_MS);
    }
    assertThat(expired).isZero();
    pass(SLICE_MS);
    assertThat(expired).isEqualTo(1);
    pass(10 * TIMEOUT_MS);
    assertThat(expired).isEqualTo(1);
  }

  @Test
  void ofAPauseOfTheLoopOneSliceCounts() {
    pass(100 * TIMEOUT_MS);
    assertThat(expired).isZero();
    for (int i = 2; i < RunningTimeout.SLICES; i++) {
      pass(SLICE_MS);
    }
    assertThat(expired).isZero();
    pass(SLICE_MS);
    assertThat(expired).isEqualTo(1);
  }

  @Test
  void whatHasComeInTimeEndsIt() {
    pass(SLICE_MS);
    pending = false;
    for (int i = 0; i < RunningTimeout.SLICES; i++) {
      pass(SLICE_MS);
    }
    assertThat(expired).isZero();
  }
}
