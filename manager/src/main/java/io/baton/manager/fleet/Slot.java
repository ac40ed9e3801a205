package io.baton.manager.fleet;

import io.baton.config.FleetSettings;
import org.jspecify.annotations.Nullable;

/**
 * A place for one worker that serves, and when it may be filled again. Failures in a row double the
 * delay up to a bound; after {@code breaker.failures} of them the slot is broken and gets one
 * attempt in each {@code breaker.retry}, so that a worker that cannot run costs the others nothing.
 */
final class Slot {
  final int index;

  @Nullable Worker worker;
  int restarts;
  int failures;
  long retryAtMs;
  @Nullable String lastFailure;

  private boolean wasFilled;

  Slot(int index) {
    this.index = index;
  }

  boolean isDue(long nowMs) {
    return worker == null && nowMs >= retryAtMs;
  }

  boolean isBroken(FleetSettings policy) {
    return failures >= policy.breaker().failures();
  }

  /** Its next worker is being started. */
  void start(Worker starting) {
    worker = starting;
    if (wasFilled) {
      restarts++;
    }
    wasFilled = true;
  }

  /** A worker that is READY comes in for the one that was here; what failed before is history. */
  void occupy(Worker newcomer) {
    worker = newcomer;
    wasFilled = true;
    retryAtMs = 0;
    forgive();
  }

  /** A worker was READY long enough to count as good. */
  void forgive() {
    failures = 0;
    lastFailure = null;
  }

  /**
   * Its worker died or could not be started.
   *
   * @param wasStable it had been READY for {@code stable-after}
   * @return the delay until the next attempt
   */
  long vacate(boolean wasStable, String why, FleetSettings policy, long nowMs) {
    worker = null;
    lastFailure = why;
    failures = wasStable ? 0 : failures + 1;
    long delay = delay(policy);
    retryAtMs = nowMs + delay;
    return delay;
  }

  private long delay(FleetSettings policy) {
    if (failures == 0) {
      return 0;
    }
    if (isBroken(policy)) {
      return policy.breaker().retryMs();
    }
    int doublings = Math.min(failures - 1, 30);
    return Math.min(policy.backoff().maxMs(), policy.backoff().initialMs() << doublings);
  }
}
