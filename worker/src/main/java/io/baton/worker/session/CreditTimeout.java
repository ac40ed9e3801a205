package io.baton.worker.session;

/**
 * The time within which a client has to take something of what its codec keeps back for it, because
 * the client has not granted room in its windows. The kernel knows nothing of that. Event loop
 * only.
 */
final class CreditTimeout {
  private long keptBack;

  /** When the client last took something. */
  private long took;

  CreditTimeout(long keptBack, long now) {
    this.keptBack = keptBack;
    this.took = now;
  }

  /** Notes how much the codec keeps back now; less than before is progress. */
  void note(long bytes, long now) {
    if (bytes < keptBack) {
      took = now;
    }
    keptBack = bytes;
  }

  /** Begins the time anew. */
  void restart(long now) {
    took = now;
  }

  /** Returns when the timeout ends. */
  long due(long timeoutNanos) {
    return took + timeoutNanos;
  }
}
