package io.baton.worker.topics;

/** What a {@link TopicRouter} has done so far. Read on its thread. */
public final class TopicCounters {
  long published;
  long delivered;
  long forwarded;
  long missedByLink;
  long missedByBroker;
  long missedBySession;
  long missedByMove;
  long refused;
  long unwanted;

  TopicCounters() {}

  /** Returns publications of this worker's own that somebody wanted. */
  public long published() {
    return published;
  }

  /** Returns publications that sessions of this worker got. */
  public long delivered() {
    return delivered;
  }

  /** Returns publications that were sent after a session that had moved. */
  public long forwarded() {
    return forwarded;
  }

  /** Returns publications that sessions did not get because a link to this worker was full. */
  public long missedByLink() {
    return missedByLink;
  }

  /**
   * Returns publications of other machines that did not come; each unknown number counts as one.
   */
  public long missedByBroker() {
    return missedByBroker;
  }

  /** Returns publications that sessions did not get because too many waited for them. */
  public long missedBySession() {
    return missedBySession;
  }

  /** Returns publications that sessions did not get because they moved. */
  public long missedByMove() {
    return missedByMove;
  }

  /**
   * Returns publications that sessions did not get because memory was used up, here or where they
   * were published; each unknown number counts as one.
   */
  public long refused() {
    return refused;
  }

  /** Returns publications of others that came although no session wanted them any more. */
  public long unwanted() {
    return unwanted;
  }
}
