package io.baton.config;

/**
 * The manager's treatment of its workers.
 *
 * @param drainTimeoutMs a graceful stop takes no longer
 */
public record FleetSettings(
    Handoffs handoffs,
    Supervision supervision,
    Backoff backoff,
    Breaker breaker,
    long drainTimeoutMs,
    Migration migration,
    Rebalance rebalance) {
  /**
   * The bounds of handing clients to workers.
   *
   * @param maxUnacked handoffs under way to one worker at most
   * @param stallAfterMs a worker whose oldest handoff is older gets no more, and what it has not
   *     received is taken back
   * @param timeoutMs a client that no worker took is refused after this
   */
  public record Handoffs(int maxUnacked, long stallAfterMs, long timeoutMs) {}

  /**
   * The times after which a worker is given up.
   *
   * @param startTimeoutMs from its start until it is READY
   * @param pingIntervalMs between two questions for a sign of life
   * @param hangTimeoutMs a worker not heard for so long is dumped and killed; 0: never
   * @param dumpGraceMs between the dump and the kill
   * @param callbackWarningMs a callback that runs for longer is said, and a worker in which nothing
   *     else gets on is avoided; 0: never
   * @param laneHangTimeoutMs a worker in which a lane has stood still for so long is dumped and
   *     replaced; 0: never
   */
  public record Supervision(
      long startTimeoutMs,
      long pingIntervalMs,
      long hangTimeoutMs,
      long dumpGraceMs,
      long callbackWarningMs,
      long laneHangTimeoutMs) {}

  /**
   * The delay before a worker that died is replaced.
   *
   * @param initialMs after a first failure; doubles with each further one
   * @param maxMs bound of that delay
   * @param stableAfterMs a worker READY for so long did not fail: its slot's failures are forgotten
   */
  public record Backoff(long initialMs, long maxMs, long stableAfterMs) {}

  /**
   * The limit of failures in a row.
   *
   * @param failures after so many the slot is broken
   * @param retryMs a broken slot gets one attempt in this time
   */
  public record Breaker(int failures, long retryMs) {}

  /**
   * The bounds of moving connections to other workers.
   *
   * @param maxFrozen connections that may be on their way at a time, all together
   * @param quiesceMs a connection that is to move waits so long for its running message
   * @param resumeMs a session that is to go on in another worker has to within this
   * @param canary connections that move first in a reload, to see whether they can go on; 0: none
   */
  public record Migration(int maxFrozen, long quiesceMs, long resumeMs, int canary) {}

  /**
   * When connections are moved off a worker that has too much to do.
   *
   * @param intervalMs how often it is looked at; 0: never
   * @param busyPermille a loop busier than this has too much to do
   * @param intervals so many looks in a row
   * @param improvementPercent by how much less the busy shares must differ afterwards
   * @param pauseMs after a move nothing is moved for so long
   */
  public record Rebalance(
      long intervalMs, int busyPermille, int intervals, int improvementPercent, long pauseMs) {}
}
