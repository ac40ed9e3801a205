package io.baton.worker.load;

import io.baton.pipe.Message;
import java.nio.ByteBuffer;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * How long services take, from {@code received} to processed, in nanoseconds. Event loop only.
 *
 * <p>A nanosecond to a minute in two digits is at most 3,840 counts; encoded they take some 15 KiB
 * if every one of them is used, and always fit a packet.
 */
public final class Latencies {
  private static final long HIGHEST_NS = Message.LATENCY_HIGHEST_NANOS;

  private final Histogram histogram = new Histogram(HIGHEST_NS, Message.LATENCY_DIGITS);

  public void record(long nanos) {
    histogram.recordValue(Math.clamp(nanos, 0, HIGHEST_NS));
  }

  /** What was recorded since the last call, in HdrHistogram's V2 encoding; null if nothing. */
  public @Nullable ByteBuffer take() {
    if (histogram.getTotalCount() == 0) {
      return null;
    }
    ByteBuffer bytes = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
    histogram.encodeIntoByteBuffer(bytes);
    histogram.reset();
    return bytes.flip();
  }
}
