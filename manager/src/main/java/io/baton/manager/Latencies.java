package io.baton.manager;

import io.baton.pipe.Message;
import java.nio.ByteBuffer;
import org.HdrHistogram.Histogram;

/** Adds up the latency histograms that workers report. */
final class Latencies {
  /** Where a V2 encoding has its precision and its highest value; {@code HdrHistogram}, V2. */
  private static final int DIGITS_AT = 12;

  private static final int HIGHEST_AT = 24;

  private final Histogram sum =
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
      sum.add(Histogram.decodeFromByteBuffer(copy, 0));
      return true;
    } catch (RuntimeException _) {
      return false; // the decoder's ways to say that these bytes are no histogram are many
    }
  }

  Histogram copy() {
    return sum.copy();
  }
}
