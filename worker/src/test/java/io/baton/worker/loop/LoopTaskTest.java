package io.baton.worker.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class LoopTaskTest {
  private final ScheduledExecutorService loop = Executors.newSingleThreadScheduledExecutor();
  private final AtomicInteger guarded = new AtomicInteger();

  @AfterEach
  void end() {
    loop.shutdownNow();
  }

  private Runnable guard(Runnable task) {
    guarded.incrementAndGet();
    return task;
  }

  @Test
  void aTaskThatIsAskedForManyTimesBeforeItBeginsRunsOnce() throws Exception {
    AtomicInteger runs = new AtomicInteger();
    LoopTask task = new LoopTask(loop, this::guard, runs::incrementAndGet);
    CountDownLatch asked = new CountDownLatch(1);
    var _ = loop.submit(() -> asked.await(20, TimeUnit.SECONDS));
    task.runSoon();
    task.runSoon();
    task.runAfterSockets();
    asked.countDown();
    loop.submit(() -> {}).get();
    assertThat(runs).hasValue(1);
    task.runSoon();
    loop.submit(() -> {}).get();
    assertThat(runs).hasValue(2);
    assertThat(guarded).as("wrapped once").hasValue(1);
  }

  @Test
  void aTaskThatAsksForItselfRunsOnceMoreEachTime() throws Exception {
    CountDownLatch runs = new CountDownLatch(3);
    LoopTask[] task = new LoopTask[1];
    task[0] =
        new LoopTask(
            loop,
            this::guard,
            () -> {
              runs.countDown();
              if (runs.getCount() > 0) {
                task[0].runAfterSockets();
                task[0].runSoon();
              }
            });
    task[0].runSoon();
    assertThat(runs.await(20, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void nothingHappensOnceTheWorkerHasEnded() {
    AtomicInteger runs = new AtomicInteger();
    LoopTask task = new LoopTask(loop, this::guard, runs::incrementAndGet);
    LoopTask another = new LoopTask(loop, this::guard, runs::incrementAndGet);
    loop.shutdown();
    task.runSoon();
    another.runAfterSockets();
    assertThat(runs).hasValue(0);
  }
}
