package io.baton.worker.topics;

/** The time in which this worker ran: a step that takes too long counts in part only. */
final class RunningTime {
  private long ms;

  /** The time of the last tick. */
  private long tickedMs;

  /** Says the time. */
  void tick(long nowMs) {
    ms += Math.min(nowMs - tickedMs, TopicLimits.MAX_STEP_MS);
    tickedMs = nowMs;
  }

  long ms() {
    return ms;
  }
}
