package io.baton.manager;

import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import org.HdrHistogram.Histogram;

/** Adds up the latency histograms that workers report. */
final class Latencies {
  private static final long HIGHEST_NANOS = 3_600_000_000_000L;
  private static final int DIGITS = 2;

  private final Histogram sum = new Histogram(HIGHEST_NANOS, DIGITS);

  Latencies() {
    sum.setAutoResize(false);
  }

  /**
   * Adds one.
   *
   * @return false if it is none
   */
  boolean add(ByteBuffer encoded) {
    try {
      ByteBuffer copy = ByteBuffer.allocate(encoded.remaining()).put(encoded.duplicate()).flip();
      sum.add(Histogram.decodeFromCompressedByteBuffer(copy, 0));
      return true;
    } catch (DataFormatException | RuntimeException _) {
      return false; // the decoder's ways to say that these bytes are no histogram are many
    }
  }

  Histogram copy() {
    return sum.copy();
  }
}
