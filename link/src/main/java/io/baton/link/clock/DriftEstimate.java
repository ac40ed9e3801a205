package io.baton.link.clock;

import java.nio.ByteBuffer;

/**
 * The estimate of a drift from two intervals of the offset that are far apart: the first good one,
 * and each later one. What all later ones allow is intersected; if nothing is left, the drift has
 * changed, and the estimate begins anew, keeping what it said until it knows better.
 */
final class DriftEstimate {
  static final int SAVED_BYTES = 1 + 6 * 8;

  /** Until so long after the first interval, the narrowest takes its place. */
  static final long SETTLING_NS = 1_000_000_000;

  /** The estimate is told once it is so narrow. */
  static final double TOLD_WIDTH = 20e-6;

  private final double max;
  private boolean hasFirst;
  private long firstLow;
  private long firstWidth;
  private long firstAt;
  private double least;
  private double greatest;
  private double told;

  DriftEstimate(double max) {
    this.max = max;
    restart();
  }

  /** Forgets the intervals but not what was told: a clock was set. */
  void restart() {
    hasFirst = false;
    least = -max;
    greatest = max;
  }

  /** Takes an interval that contains the offset at a time. */
  void add(long low, long width, long at) {
    long age = at - firstAt;
    if (!hasFirst || (age < SETTLING_NS && width < firstWidth)) {
      first(low, width, at);
      return;
    }
    if (age < SETTLING_NS) {
      return;
    }
    double moved = low - firstLow;
    least = Math.max(least, (moved - firstWidth) / age);
    greatest = Math.min(greatest, (moved + width) / age);
    if (least > greatest) {
      restart();
      first(low, width, at);
    } else if (greatest - least <= TOLD_WIDTH) {
      told = (least + greatest) / 2;
    }
  }

  private void first(long low, long width, long at) {
    hasFirst = true;
    firstLow = low;
    firstWidth = width;
    firstAt = at;
  }

  /** Returns the drift, 0 as long as it is not known. */
  double get() {
    return told;
  }

  void save(ByteBuffer to) {
    to.put((byte) (hasFirst ? 1 : 0)).putLong(firstLow).putLong(firstWidth).putLong(firstAt);
    to.putDouble(least).putDouble(greatest).putDouble(told);
  }

  void restore(ByteBuffer from) {
    hasFirst = from.get() == 1;
    firstLow = from.getLong();
    firstWidth = from.getLong();
    firstAt = from.getLong();
    least = from.getDouble();
    greatest = from.getDouble();
    told = from.getDouble();
  }
}
