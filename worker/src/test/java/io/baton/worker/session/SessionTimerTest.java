package io.baton.worker.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.worker.time.Clock;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class SessionTimerTest implements SessionTimer.Owner {
  private static final long AFTER_MS = 1_000;

  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final List<String> told = new ArrayList<>();
  private final Queue<Runnable> lane = new ArrayDeque<>();
  private final Queue<Runnable> loop = new ArrayDeque<>();
  private final Clock clock;
  private final SessionTimer timer;
  private boolean over;

  SessionTimerTest() {
    channel.freezeTime();
    clock = new Clock(channel.eventLoop());
    timer =
        new SessionTimer(
            this, () -> told.add("ran"), clock.nanos() + TimeUnit.MILLISECONDS.toNanos(AFTER_MS));
  }

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  @Override
  public Clock clock() {
    return clock;
  }

  @Override
  public boolean keep(SessionTimer kept) {
    assertThat(kept).isSameAs(timer);
    told.add("kept");
    return !over;
  }

  @Override
  public void forget(SessionTimer forgotten) {
    assertThat(forgotten).isSameAs(timer);
    told.add("forgotten");
  }

  @Override
  public void callLater(Runnable task) {
    lane.add(task);
  }

  @Override
  public void onLoop(Runnable action) {
    loop.add(action);
  }

  private void pass(long ms) {
    channel.advanceTimeBy(ms, TimeUnit.MILLISECONDS);
    channel.runPendingTasks();
  }

  private static void runAll(Queue<Runnable> tasks) {
    for (Runnable next = tasks.poll(); next != null; next = tasks.poll()) {
      next.run();
    }
  }

  @Test
  void aTaskRunsInTheLaneOnceItsTimeHasComeAndNotEarlier() {
    timer.begin();
    pass(AFTER_MS - 1);
    assertThat(lane).isEmpty();
    pass(1 + Clock.TICK_MS);
    assertThat(told).containsExactly("kept", "forgotten");
    runAll(lane);
    assertThat(told).containsExactly("kept", "forgotten", "ran");
    pass(10 * AFTER_MS);
    assertThat(lane).isEmpty();
  }

  @Test
  void aTimerOfASessionThatIsOverIsNotSet() {
    over = true;
    timer.begin();
    assertThat(timer.isSet()).isFalse();
  }

  @Test
  void aTimerCancelledBeforeItBeginsDoesNotBegin() {
    timer.cancel();
    timer.begin();
    assertThat(told).isEmpty();
    assertThat(timer.isSet()).isFalse();
    runAll(loop);
    assertThat(told).containsExactly("forgotten");
  }

  @Test
  void aCancelledTimerIsClearedOnTheLoop() {
    timer.begin();
    timer.cancel();
    assertThat(timer.isSet()).as("only the loop may clear it").isTrue();
    runAll(loop);
    assertThat(timer.isSet()).isFalse();
    assertThat(told).containsExactly("kept", "forgotten");
    pass(2 * AFTER_MS);
    assertThat(lane).isEmpty();
  }

  @Test
  void aTimerCancelledWhileItWaitsForTheLaneDoesNotRun() {
    timer.begin();
    pass(AFTER_MS + Clock.TICK_MS);
    timer.cancel();
    runAll(lane);
    runAll(loop);
    assertThat(told).doesNotContain("ran");
  }

  @Test
  void aTimerStoppedWithItsSessionNeitherRingsNorRuns() {
    timer.begin();
    timer.stop();
    pass(2 * AFTER_MS);
    assertThat(lane).isEmpty();
    assertThat(told).containsExactly("kept");
  }

  @Test
  void aTimerStoppedWhileItWaitsForTheLaneDoesNotRun() {
    timer.begin();
    pass(AFTER_MS + Clock.TICK_MS);
    timer.stop();
    runAll(lane);
    assertThat(told).doesNotContain("ran");
  }
}
