package io.baton.worker.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.worker.NoLeaks;
import io.baton.worker.time.Clock;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
final class WriteWatchTest implements WriteWatch.Connection {
  private static final long TIMEOUT_MS = 800;

  private final EmbeddedChannel loop = new EmbeddedChannel();
  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final ChannelOutboundBuffer unsent =
      Objects.requireNonNull(channel.unsafe().outboundBuffer());
  private WriteWatch watch;
  private boolean frozen;
  private int timedOut;

  @BeforeEach
  void begin() {
    loop.freezeTime();
    Clock clock = new Clock(loop.eventLoop());
    watch = new WriteWatch(this, clock, TimeUnit.MILLISECONDS.toNanos(TIMEOUT_MS));
  }

  @AfterEach
  void close() {
    channel.flush();
    channel.finishAndReleaseAll();
    loop.finishAndReleaseAll();
  }

  @Override
  public @Nullable ChannelOutboundBuffer unsentBuffer() {
    return unsent.isEmpty() ? null : unsent;
  }

  @Override
  public boolean isFrozen() {
    return frozen;
  }

  @Override
  public void writeTimedOut() {
    timedOut++;
  }

  private void send() {
    var _ = channel.write(Unpooled.buffer(10).writeZero(10));
    unsent.addFlush();
    watch.flushed();
  }

  private void pass(long ms) {
    for (long passed = 0; passed < ms; passed += Clock.TICK_MS) {
      loop.advanceTimeBy(Clock.TICK_MS, TimeUnit.MILLISECONDS);
      loop.runScheduledPendingTasks();
    }
  }

  @Test
  void aClientThatTakesNothingHasItsTimeAndNoMore() {
    send();
    pass(TIMEOUT_MS - Clock.TICK_MS);
    assertThat(timedOut).isZero();
    pass(3 * Clock.TICK_MS);
    assertThat(timedOut).isOne();
    pass(TIMEOUT_MS);
    assertThat(timedOut).isOne();
  }

  @Test
  void whatItTakesBeginsTheTimeAnew() {
    send();
    for (int i = 0; i < 5; i++) {
      pass(TIMEOUT_MS / 2);
      unsent.progress(1);
    }
    assertThat(timedOut).isZero();
    pass(2 * TIMEOUT_MS);
    assertThat(timedOut).isOne();
  }

  @Test
  void aClientThatHasTakenAllHasAllTheTimeInTheWorld() {
    send();
    pass(TIMEOUT_MS / 2);
    channel.flush();
    pass(2 * TIMEOUT_MS);
    assertThat(timedOut).isZero();
    send();
    pass(2 * TIMEOUT_MS);
    assertThat(timedOut).isOne();
  }

  @Test
  void timeStandsStillWhileTheSessionMoves() {
    send();
    frozen = true;
    pass(3 * TIMEOUT_MS);
    assertThat(timedOut).isZero();
    frozen = false;
    pass(2 * TIMEOUT_MS);
    assertThat(timedOut).isOne();
  }

  @Test
  void nothingIsWatchedBehindTheEnd() {
    send();
    watch.end();
    pass(2 * TIMEOUT_MS);
    assertThat(timedOut).isZero();
  }
}
