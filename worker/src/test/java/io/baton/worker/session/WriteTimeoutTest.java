package io.baton.worker.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.worker.NoLeaks;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
final class WriteTimeoutTest {
  private static final long NOW = -1_000; // a monotonic clock may begin anywhere
  private static final long TIMEOUT = 800;
  private static final long LOOK = TIMEOUT / 8;

  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final ChannelOutboundBuffer unsent =
      Objects.requireNonNull(channel.unsafe().outboundBuffer());

  @AfterEach
  void close() {
    channel.flush();
    channel.finishAndReleaseAll();
  }

  private WriteTimeout waiting(int... buffers) {
    for (int bytes : buffers) {
      var _ = channel.write(Unpooled.buffer(bytes).writeZero(bytes));
    }
    unsent.addFlush();
    return new WriteTimeout(unsent, NOW);
  }

  @Test
  void itIsDueAtTheNextLookWhichComesEightTimesInATimeout() {
    WriteTimeout timeout = waiting(10);
    for (int i = 1; i <= 7; i++) {
      assertThat(timeout.due(TIMEOUT)).isEqualTo(NOW + i * LOOK);
      assertThat(timeout.isOver(unsent, NOW + i * LOOK)).isFalse();
    }
    assertThat(timeout.due(TIMEOUT)).as("nothing was taken").isEqualTo(NOW + TIMEOUT);
    assertThat(timeout.isOver(unsent, NOW + TIMEOUT)).isFalse();
    assertThat(timeout.due(TIMEOUT)).isEqualTo(NOW + TIMEOUT);
  }

  @Test
  void progressWithinTheFirstBufferBeginsTheTimeoutAnew() {
    WriteTimeout timeout = waiting(10);
    unsent.progress(1);
    assertThat(timeout.isOver(unsent, NOW + TIMEOUT)).isFalse();
    assertThat(timeout.due(TIMEOUT)).isEqualTo(NOW + TIMEOUT + LOOK);
  }

  @Test
  void aBufferTakenAsAWholeBeginsTheTimeoutAnew() {
    WriteTimeout timeout = waiting(10, 10);
    unsent.remove();
    assertThat(timeout.isOver(unsent, NOW + TIMEOUT)).isFalse();
    assertThat(timeout.due(TIMEOUT)).isEqualTo(NOW + TIMEOUT + LOOK);
  }

  @Test
  void moreThatWaitsIsNoProgress() {
    WriteTimeout timeout = waiting(10);
    var _ = channel.write(Unpooled.buffer(10).writeZero(10));
    unsent.addFlush();
    assertThat(timeout.isOver(unsent, NOW + TIMEOUT)).isFalse();
    assertThat(timeout.due(TIMEOUT)).isEqualTo(NOW + TIMEOUT);
  }

  @Test
  void itIsOverWhenNothingWaits() {
    assertThat(waiting(10).isOver(null, NOW + LOOK)).isTrue();
  }
}
