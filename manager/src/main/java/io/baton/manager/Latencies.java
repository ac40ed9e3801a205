package io.baton.manager;

import io.baton.pipe.Message;
import java.nio.ByteBuffer;
import java.util.OptionalLong;
import org.HdrHistogram.Histogram;

/** Adds up the latency histograms that workers report: all, and those since the last look. */
final class Latencies {
  /** Where a V2 encoding has its precision and its highest value; {@code HdrHistogram}, V2. */
  private static final int DIGITS_AT = 12;

  private static final int HIGHEST_AT = 24;

  private final Histogram sum =
      new Histogram(Message.LATENCY_HIGHEST_NANOS, Message.LATENCY_DIGITS);

  private final Histogram recent =
      new Histogram(Message.LATENCY_HIGHEST_NANOS, Message.LATENCY_DIGITS);

  /**
   * Adds one.
   *
   * @return false if it is none, or not one that a worker makes
   */
  boolean add(ByteBuffer encoded) {
    // The decoder allocates what these two ask for.
    if (encoded.remaining() <= HIGHEST_AT + Long.BYTES
        || encoded.getInt(DIGITS_AT) != Message.LATENCY_DIGITS
        || encoded.getLong(HIGHEST_AT) > Message.LATENCY_HIGHEST_NANOS) {
      return false;
    }
    try {
      ByteBuffer copy = ByteBuffer.allocate(encoded.remaining()).put(encoded.duplicate()).flip();
      Histogram histogram = Histogram.decodeFromByteBuffer(copy, 0);
      sum.add(histogram);
      recent.add(histogram);
      return true;
    } catch (RuntimeException _) {
      return false; // the decoder's ways to say that these bytes are no histogram are many
    }
  }

  Histogram copy() {
    return sum.copy();
  }

  /** Returns the 99th percentile in ns of what came since the last call; empty if nothing did. */
  OptionalLong takeRecentP99() {
    if (recent.getTotalCount() == 0) {
      return OptionalLong.empty();
    }
    long p99 = recent.getValueAtPercentile(99);
    recent.reset();
    return OptionalLong.of(p99);
  }
}
