package io.baton.link.clock;

import java.nio.ByteBuffer;

/**
 * The estimate of another clock's offset, made of questions and answers.
 *
 * <p>A question is sent at t1, read there at t2, answered there at t3, and the answer is read at
 * t4; t1 and t4 are times here, t2 and t3 times there. The offset, there minus here, is then at
 * most t2 - t1 and at least t3 - t4, however long either way took. Such intervals are carried
 * forward by the greatest drift allowed and intersected with the next. An empty intersection means
 * that one of the clocks was set, or stood still, or drifts too much: the estimate begins anew with
 * the last answer.
 *
 * <p>Reads no clock and is not for several threads at a time. Because all processes of a machine
 * have the same monotonic clock, an estimate can be saved and restored by another process.
 *
 * <p>Answers are not trusted: those that nobody asked for, or that took less time than they say to
 * have waited, are ignored. An answer can otherwise be as wrong as the peer likes and costs the
 * same.
 */
public final class ClockEstimate {
  /** The greatest drift between two clocks unless said otherwise, as a part of one. */
  public static final double MAX_DRIFT = 250e-6;

  /** How many questions are asked quickly, at the beginning and after a step. */
  public static final int BURST = 16;

  static final long BURST_INTERVAL_NS = 20_000_000;
  static final long INTERVAL_NS = 10_000_000_000L;

  /** So many questions are remembered; answers to older ones are ignored. */
  static final int MAX_OPEN = 4;

  private static final int SAVED_VERSION = 1;
  private static final int SAVED_BYTES = 1 + 8 + 4 + 6 * 8 + DriftEstimate.SAVED_BYTES;

  private final double maxDrift;

  private final long[] open = new long[MAX_OPEN];
  private int opens;
  private long lastAsked;
  private int burst = BURST;

  private long low;
  private long width;
  private long at;
  private long samples;
  private long steps;
  private final DriftEstimate drift;

  /** Knows nothing yet, and allows the usual drift. */
  public ClockEstimate() {
    this(MAX_DRIFT);
  }

  /**
   * Knows nothing yet.
   *
   * @param maxDrift the greatest drift between the two clocks, as a part of one
   */
  public ClockEstimate(double maxDrift) {
    if (!(maxDrift > 0 && maxDrift < 1)) {
      throw new IllegalArgumentException("a drift is between 0 and 1, not " + maxDrift);
    }
    this.maxDrift = maxDrift;
    drift = new DriftEstimate(maxDrift);
  }

  /** Returns when to ask next, at a time that may be past; {@code now} if never asked before. */
  public long nextAt(long now) {
    boolean isOfOtherMachine = lastAsked - now > 0; // restored there, where the clock is another
    if (isOfOtherMachine || (burst == BURST && samples == 0)) {
      return now;
    }
    return lastAsked + (burst > 0 ? BURST_INTERVAL_NS : INTERVAL_NS);
  }

  /** Learns that a question was sent. */
  public void asked(long t1) {
    if (opens == MAX_OPEN) {
      forget(0);
    }
    open[opens++] = t1;
    lastAsked = t1;
    burst = Math.max(0, burst - 1);
  }

  /**
   * Takes an answer.
   *
   * @return whether it was used
   */
  public boolean answered(long t1, long t2, long t3, long t4) {
    if (!wasAsked(t1) || t4 - t1 < 0 || t3 - t2 < 0) {
      return false;
    }
    // Both ends of the interval hold at some moment of the exchange, not at its end.
    long slack = ClockReading.widening(t4 - t1, maxDrift);
    long sampleLow = t3 - t4 - slack;
    long sampleWidth = (t4 - t1) - (t3 - t2) + 2 * slack;
    if (sampleWidth < 0) {
      return false;
    }
    if (samples > 0 && !intersect(sampleLow, sampleWidth, t4)) {
      steps++;
      samples = 0;
      burst = BURST;
    }
    if (samples == 0) {
      low = sampleLow;
      width = sampleWidth;
      drift.restart();
    }
    at = t4;
    samples++;
    drift.add(sampleLow, sampleWidth, t4);
    return true;
  }

  /** Narrows the interval, or returns false and leaves it if nothing would be left of it. */
  private boolean intersect(long sampleLow, long sampleWidth, long now) {
    long wider = ClockReading.widening(now - at, maxDrift);
    long carriedLow = low - wider;
    long carriedWidth = width + 2 * wider;
    long ahead = sampleLow - carriedLow;
    long newLow = carriedLow + Math.max(0, ahead);
    long newWidth = Math.min(carriedWidth - Math.max(0, ahead), sampleWidth + Math.min(0, ahead));
    if (newWidth < 0) {
      return false;
    }
    low = newLow;
    width = newWidth;
    return true;
  }

  private boolean wasAsked(long t1) {
    for (int i = 0; i < opens; i++) {
      if (open[i] == t1) {
        forget(i);
        return true;
      }
    }
    return false;
  }

  private void forget(int i) {
    System.arraycopy(open, i + 1, open, i, --opens - i);
  }

  /** Returns what is known. */
  public ClockReading reading() {
    return new ClockReading(low, width, at, maxDrift, drift.get(), samples, steps);
  }

  /** Returns what is known as bytes; open questions are not saved, and their answers ignored. */
  public byte[] save() {
    ByteBuffer to = ByteBuffer.allocate(SAVED_BYTES);
    to.put((byte) SAVED_VERSION).putDouble(maxDrift).putInt(burst).putLong(lastAsked);
    to.putLong(low).putLong(width).putLong(at).putLong(samples).putLong(steps);
    drift.save(to);
    return to.array();
  }

  /**
   * Returns the estimate of saved bytes.
   *
   * @throws IllegalArgumentException if they are none, saying what is wrong
   */
  public static ClockEstimate restore(byte[] saved) {
    if (saved.length != SAVED_BYTES || saved[0] != SAVED_VERSION) {
      throw new IllegalArgumentException(
          "not a saved clock of version 1, which has %d bytes: %d bytes"
              .formatted(SAVED_BYTES, saved.length));
    }
    ByteBuffer from = ByteBuffer.wrap(saved, 1, SAVED_BYTES - 1);
    ClockEstimate estimate = new ClockEstimate(from.getDouble());
    estimate.burst = from.getInt();
    estimate.lastAsked = from.getLong();
    estimate.low = from.getLong();
    estimate.width = from.getLong();
    estimate.at = from.getLong();
    estimate.samples = from.getLong();
    estimate.steps = from.getLong();
    estimate.drift.restore(from);
    if (estimate.burst < 0 || estimate.burst > BURST || estimate.width < 0) {
      throw new IllegalArgumentException("a saved clock contradicts itself");
    }
    return estimate;
  }
}
