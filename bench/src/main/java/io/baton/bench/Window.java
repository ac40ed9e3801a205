package io.baton.bench;

import org.HdrHistogram.Histogram;

/**
 * One stretch of a run and what the clients saw in it. All answer times count from the moment the
 * probe was due, not from when it was sent: a generator that is held up must not hide what the
 * server did meanwhile. Written by the clients' event loop alone, read when the clients are done.
 */
final class Window {
  private static final int DIGITS = 3;

  final Histogram answersNanos = new Histogram(DIGITS);
  final Histogram latenessNanos = new Histogram(DIGITS);
  private final long[] longestNanos;

  Window(int clients) {
    longestNanos = new long[clients];
  }

  /** A probe was sent so long after it was due. */
  void sent(long lateNanos) {
    latenessNanos.recordValue(lateNanos);
  }

  /** A probe that was under way in this stretch was answered so long after it was due. */
  void answered(int client, long nanos) {
    answersNanos.recordValue(nanos);
    longestNanos[client] = Math.max(longestNanos[client], nanos);
  }

  /** The longest time this client waited for an answer; 0 if it was not probed. */
  long longestNanos(int client) {
    return longestNanos[client];
  }
}
