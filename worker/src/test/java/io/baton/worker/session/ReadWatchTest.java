package io.baton.worker.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.codec.Flow;
import io.baton.worker.NoLeaks;
import io.baton.worker.time.Clock;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
final class ReadWatchTest implements ReadWatch.Connection {
  private static final long HEADER_MS = 800;
  private static final long READ_MS = 400;

  private final EmbeddedChannel loop = new EmbeddedChannel();
  private ReadWatch watch;
  private Flow.Phase phase = Flow.Phase.IDLE;
  private boolean isRead = true;
  private int timedOut;

  @BeforeEach
  void begin() throws Exception {
    loop.freezeTime();
    watch =
        new ReadWatch(
            this,
            TestRoutes.options("header-timeout = 800ms, read-timeout = 400ms").session().timeouts(),
            new Clock(loop.eventLoop()));
  }

  @AfterEach
  void close() {
    loop.finishAndReleaseAll();
  }

  @Override
  public Flow.Phase phase() {
    return phase;
  }

  @Override
  public boolean isRead() {
    return isRead;
  }

  @Override
  public void readTimedOut() {
    timedOut++;
    watch.end();
  }

  private void reads(Flow.Phase now) {
    phase = now;
    watch.read();
  }

  private void pass(long ms) {
    for (long passed = 0; passed < ms; passed += Clock.TICK_MS) {
      loop.advanceTimeBy(Clock.TICK_MS, TimeUnit.MILLISECONDS);
      loop.runScheduledPendingTasks();
    }
  }

  @Test
  void aHeadHasItsTimeHoweverOftenAPieceComes() {
    for (long passed = 0; passed < HEADER_MS; passed += 100) {
      reads(Flow.Phase.HEAD);
      assertThat(timedOut).isZero();
      pass(100);
    }
    pass(3 * Clock.TICK_MS);
    assertThat(timedOut).isOne();
  }

  @Test
  void eachHeadHasATimeOfItsOwn() {
    for (int i = 0; i < 10; i++) {
      watch.received();
      reads(Flow.Phase.HEAD);
      pass(HEADER_MS / 2);
    }
    assertThat(timedOut).isZero();
    pass(HEADER_MS);
    assertThat(timedOut).isOne();
  }

  @Test
  void eachPieceOfTheRestHasATimeOfItsOwn() {
    reads(Flow.Phase.HEAD);
    for (int i = 0; i < 10; i++) {
      reads(Flow.Phase.BODY);
      pass(READ_MS - 2 * Clock.TICK_MS);
    }
    assertThat(timedOut).isZero();
    pass(5 * Clock.TICK_MS);
    assertThat(timedOut).isOne();
  }

  @Test
  void betweenMessagesNoTimeRuns() {
    reads(Flow.Phase.HEAD);
    reads(Flow.Phase.IDLE);
    pass(10 * HEADER_MS);
    reads(Flow.Phase.ANSWER);
    pass(10 * HEADER_MS);
    assertThat(timedOut).isZero();
  }

  @Test
  void timeStandsStillWhileTheConnectionIsNotRead() {
    reads(Flow.Phase.HEAD);
    isRead = false;
    pass(10 * HEADER_MS);
    assertThat(timedOut).isZero();
    isRead = true;
    pass(2 * HEADER_MS + 3 * Clock.TICK_MS);
    assertThat(timedOut).isOne();
  }

  @Test
  void nothingIsWatchedBehindTheEnd() {
    reads(Flow.Phase.HEAD);
    watch.end();
    pass(3 * HEADER_MS);
    assertThat(timedOut).isZero();
  }
}
