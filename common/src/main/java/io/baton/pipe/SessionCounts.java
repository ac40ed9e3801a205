package io.baton.pipe;

/**
 * Numbers of sessions and what they hold.
 *
 * @param sessions open now
 * @param away of them, those whose clients have lost their connections and may come back
 * @param heldBytes memory that they hold
 * @param streams byte streams and message channels under way, in both directions
 * @param asks questions without an answer yet, in both directions
 */
public record SessionCounts(long sessions, long away, long heldBytes, long streams, long asks) {
  public static final SessionCounts NONE = new SessionCounts(0, 0, 0, 0, 0);

  /** Returns the sum of both; a number beyond 63 bits stays at the most there is. */
  public SessionCounts plus(SessionCounts o) {
    return new SessionCounts(
        sum(sessions, o.sessions),
        sum(away, o.away),
        sum(heldBytes, o.heldBytes),
        sum(streams, o.streams),
        sum(asks, o.asks));
  }

  /** Of numbers that are not negative. */
  private static long sum(long a, long b) {
    long sum = a + b;
    return sum < 0 ? Long.MAX_VALUE : sum;
  }

  /** Whether there is nothing to tell. */
  public boolean isNone() {
    return equals(NONE);
  }
}
