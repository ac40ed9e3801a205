package io.baton.codec;

/**
 * The numbers of what one session has open beside its messages, in both directions together.
 *
 * @param streams byte streams and channels of messages that have not ended
 * @param asks questions that are neither answered nor cancelled
 */
public record UnderWay(int streams, int asks) {
  /** Nothing is open. */
  public static final UnderWay NONE = new UnderWay(0, 0);

  /**
   * Checks them.
   *
   * @throws IllegalArgumentException if a number is negative
   */
  public UnderWay {
    if (streams < 0 || asks < 0) {
      throw new IllegalArgumentException(streams + " streams and " + asks + " asks");
    }
  }

  /** Returns these numbers, without a new object where there is nothing. */
  public static UnderWay of(int streams, int asks) {
    return (streams | asks) == 0 ? NONE : new UnderWay(streams, asks);
  }
}
