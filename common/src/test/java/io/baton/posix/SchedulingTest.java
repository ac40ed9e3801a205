package io.baton.posix;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

class SchedulingTest {
  private static final String BATCH = "3";

  /** What the kernel says of the calling thread: field 41 of proc(5), the 39th behind the name. */
  private static String policy() throws IOException {
    String stat = Files.readString(Path.of("/proc/thread-self/stat"));
    return stat.substring(stat.lastIndexOf(')') + 2).split(" ", 40)[38];
  }

  private static <T> T onAThreadOfItsOwn(Callable<T> callable) throws Exception {
    FutureTask<T> task = new FutureTask<>(callable);
    new Thread(task).start();
    return task.get();
  }

  @Test
  void aThreadChangesItselfAndWhatItStarts() throws Exception {
    String before = policy();
    String started =
        onAThreadOfItsOwn(() -> {
          assertThat(Scheduling.batch()).isTrue();
          assertThat(policy()).isEqualTo(BATCH);
          return onAThreadOfItsOwn(SchedulingTest::policy);
        });
    assertThat(started).isEqualTo(BATCH);
    assertThat(policy()).isEqualTo(before);
  }

  @Test
  void aPolicyThatSomebodyChoseIsKept() throws Exception {
    assertThat(
            onAThreadOfItsOwn(() -> {
              Memory parameters = new Memory(Integer.BYTES);
              int idle = 5;
              assertThat(LibC.C.sched_setscheduler(0, idle, parameters.pointer)).isZero();
              assertThat(Scheduling.batch()).isFalse();
              return policy();
            }))
        .isEqualTo("5");
  }
}
