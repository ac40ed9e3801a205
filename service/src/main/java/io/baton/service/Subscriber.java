package io.baton.service;

/**
 * What a {@link Service} implements besides if its sessions {@linkplain Session#subscribe
 * subscribe} to topics.
 *
 * <p>The callbacks run in the session's lane like all others, and like those of {@link Service} end
 * the session if they throw. While the session moves none of them runs: what is published meanwhile
 * comes after {@link Service#resumed}, in order, once.
 *
 * @param <O> what the codec writes
 */
public interface Subscriber<O> {
  /** The count of {@link #missed} if nobody knows how many it were. */
  long UNKNOWN = -1;

  /** A message was published to a topic that the session has subscribed to. */
  void published(Session<O> session, Publication publication);

  /**
   * A message was sent to this session, or to all of its user: {@link Topics#send}. Called only if
   * the session is {@linkplain Session#addressable addressable}.
   *
   * @param message which others may have got, too: nobody may change it
   */
  default void sent(Session<O> session, byte[] message) {}

  /**
   * Publications of a topic do not reach this session: it, or the link between two workers, took
   * them more slowly than they were published, memory was short, a worker died, or the broker
   * between machines has lost them. What comes next is in order.
   *
   * @param topic its name; empty for messages that were {@linkplain #sent sent} to this session
   * @param count how many; {@link #UNKNOWN} if nobody knows
   */
  default void missed(Session<O> session, String topic, long count) {}
}
