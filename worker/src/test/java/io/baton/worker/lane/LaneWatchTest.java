package io.baton.worker.lane;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.core.read.ListAppender;
import io.baton.config.Settings.LaneKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class LaneWatchTest {
  private static final long MS = TimeUnit.MILLISECONDS.toNanos(1);

  /** A part whose runners the test moves by hand. */
  private static final class Part implements Lane.Part {
    final List<Lane.Runner> running = new ArrayList<>();
    long ended;

    @Override
    public long ended() {
      return ended;
    }

    @Override
    public void show(Consumer<Lane.Runner> each) {
      running.forEach(each);
    }
  }

  private static final class Runner implements Lane.Runner {
    long task;
    @Nullable Thread thread = Thread.currentThread();

    @Override
    public long task() {
      return task;
    }

    @Override
    public @Nullable Thread thread() {
      return thread;
    }
  }

  private final Part one = new Part();
  private final Part other = new Part();
  private final LaneWatch watch = new LaneWatch(LaneKind.RING, List.of(one, other), 2_000 * MS);
  private final Logger logger = (Logger) LoggerFactory.getLogger(LaneWatch.class);
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();

  @BeforeEach
  void listen() {
    log.start();
    logger.addAppender(log);
  }

  @AfterEach
  void ignore() {
    logger.detachAppender(log);
  }

  private void look(long ms) {
    watch.look(ms * MS);
  }

  private long longestMs() {
    return watch.longestNanos() / MS;
  }

  private long standstillMs() {
    return watch.standstillNanos() / MS;
  }

  private List<String> said() {
    return log.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }

  @Test
  void aRunnerThatIsAtTheSameTaskAsBeforeHasBeenAtItSinceThen() {
    Runner runner = new Runner();
    one.running.add(runner);
    look(100);
    assertThat(longestMs()).isZero();
    look(600);
    assertThat(longestMs()).isEqualTo(500);
    runner.task++;
    one.ended++;
    look(1_100);
    assertThat(longestMs()).as("it is at another").isZero();
    look(1_600);
    one.running.clear();
    look(2_100);
    assertThat(longestMs()).as("it is at none").isZero();
    assertThat(standstillMs()).isZero();
    one.running.add(runner);
    look(9_000);
    assertThat(longestMs()).as("it has begun meanwhile").isZero();
    assertThat(said()).isEmpty();
  }

  @Test
  void aPartStandsStillIfNoneOfItsTasksEnds() {
    Runner stuck = new Runner();
    Runner quick = new Runner();
    one.running.addAll(List.of(stuck, quick));
    for (int ms = 0; ms <= 1_500; ms += 500) {
      quick.task++;
      one.ended++;
      look(ms);
    }
    assertThat(longestMs()).isEqualTo(1_500);
    assertThat(standstillMs()).as("others get on").isZero();
    look(2_500);
    assertThat(standstillMs()).as("nobody does").isEqualTo(1_000);
    other.ended++;
    other.running.add(new Runner());
    look(3_000);
    assertThat(standstillMs()).as("another part does, and helps nobody here").isEqualTo(1_500);
  }

  @Test
  void aCallbackThatRunsForTooLongIsSaidWithItsStackAtOnceAndThenOnceAMinute() {
    Runner stuck = new Runner();
    one.running.add(stuck);
    look(0);
    look(1_999);
    assertThat(said()).isEmpty();
    look(2_000);
    assertThat(said())
        .containsExactly(
            "lane ring: a callback has been running for 2000 ms (callback-warning); it is here:");
    IThrowableProxy where = Objects.requireNonNull(log.list.getFirst().getThrowableProxy());
    assertThat(where.getMessage()).isEqualTo("thread main, RUNNABLE");
    assertThat(where.getStackTraceElementProxyArray())
        .anyMatch(
            frame -> frame.getStackTraceElement().getClassName().equals(getClass().getName()));
    for (int i = 0; i < 9; i++) {
      one.running.add(new Runner());
    }
    look(3_000);
    look(6_000);
    assertThat(said()).hasSize(1);
    look(62_000);
    assertThat(said().subList(1, said().size()))
        .containsExactly(
            "lane ring: a callback has been running for 62000 ms (callback-warning) (10 like it"
                + " since that was last said); it is here:");
  }

  @Test
  void aSessionThatGetsNoThreadIsSaidToWait() {
    Runner waits = new Runner();
    waits.thread = null;
    one.running.add(waits);
    look(0);
    look(2_000);
    assertThat(said())
        .containsExactly(
            "lane ring: a session has waited for 2000 ms for a thread: other callbacks do not let"
                + " go of the processors");
    assertThat(standstillMs()).isEqualTo(2_000);
  }
}
