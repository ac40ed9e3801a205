package io.baton.worker.load;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.baton.pipe.Message;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class LatenciesTest {
  private final Latencies latencies = new Latencies();

  private Histogram taken() throws Exception {
    return Histogram.decodeFromByteBuffer(requireNonNull(latencies.take()), 0);
  }

  @Test
  void aServiceMayTakeLessThanAMicrosecondOrLongerThanAMinute() throws Exception {
    latencies.record(300);
    latencies.record(-1);
    latencies.record(Long.MAX_VALUE);

    Histogram histogram = taken();
    assertThat(histogram.getTotalCount()).isEqualTo(3);
    assertThat(histogram.getValueAtPercentile(50)).isBetween(298L, 302L);
    assertThat(histogram.getMaxValue())
        .isBetween(
            (long) (0.99 * Message.LATENCY_HIGHEST_NANOS),
            (long) (1.01 * Message.LATENCY_HIGHEST_NANOS));
  }

  @Test
  void whatWasTakenIsNotTakenAgain() throws Exception {
    latencies.record(1);
    assertThat(taken().getTotalCount()).isEqualTo(1);
    assertThat(latencies.take()).isNull();
  }

  /** One of each that can be told apart: more counts than these there cannot be. */
  @Test
  void allCountsThereAreFitAPacket() throws Exception {
    Histogram each = new Histogram(Message.LATENCY_HIGHEST_NANOS, Message.LATENCY_DIGITS);
    long value = 0;
    while (value < Message.LATENCY_HIGHEST_NANOS) {
      for (int i = 0; i < 300; i++) { // a count of two bytes
        latencies.record(value);
      }
      value = each.nextNonEquivalentValue(value);
    }
    assertThat(requireNonNull(latencies.take()).remaining()).isLessThan(Message.MAX_PACKET - 64);
  }
}
