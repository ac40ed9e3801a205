package io.baton.manager;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.pipe.Message;
import java.nio.ByteBuffer;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class LatenciesTest {
  private final Latencies latencies = new Latencies();

  private static ByteBuffer encoded(long highest, int digits, long value) {
    Histogram histogram = new Histogram(1_000, highest, digits);
    histogram.recordValue(value);
    ByteBuffer bytes = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
    histogram.encodeIntoByteBuffer(bytes);
    return bytes.flip().asReadOnlyBuffer();
  }

  private static ByteBuffer ofAWorker(long value) {
    return encoded(Message.LATENCY_HIGHEST_NANOS, Message.LATENCY_DIGITS, value);
  }

  @Test
  void histogramsOfAllWorkersAreAddedUp() {
    assertThat(latencies.add(ofAWorker(5_000_000))).isTrue();
    assertThat(latencies.add(ofAWorker(9_000_000))).isTrue();
    assertThat(latencies.copy().getTotalCount()).isEqualTo(2);
    assertThat(latencies.copy().getMaxValue()).isBetween(8_900_000L, 9_100_000L);
  }

  @Test
  void theRecentPercentileIsOfWhatCameSinceTheLastLook() {
    assertThat(latencies.takeRecentP99()).isEmpty();
    latencies.add(ofAWorker(9_000_000));
    assertThat(latencies.takeRecentP99().orElse(0)).isBetween(8_900_000L, 9_100_000L);
    assertThat(latencies.takeRecentP99()).isEmpty();
    latencies.add(ofAWorker(5_000_000));
    assertThat(latencies.takeRecentP99().orElse(0)).isBetween(4_900_000L, 5_100_000L);
    assertThat(latencies.copy().getTotalCount()).isEqualTo(2);
  }

  @Test
  void whatNoWorkerMakesIsRefusedBeforeItCostsMemory() {
    assertThat(latencies.add(encoded(Message.LATENCY_HIGHEST_NANOS, 5, 1_000))).isFalse();
    assertThat(latencies.add(encoded(Long.MAX_VALUE / 2, 2, 1_000))).isFalse();
    assertThat(latencies.add(ByteBuffer.allocate(3))).isFalse();
    assertThat(latencies.add(ByteBuffer.allocate(500))).isFalse();
    ByteBuffer cut = ofAWorker(5_000_000);
    assertThat(latencies.add(cut.limit(cut.limit() - 3))).isFalse();
    assertThat(latencies.copy().getTotalCount()).isZero();
  }
}
