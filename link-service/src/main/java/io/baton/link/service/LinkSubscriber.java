package io.baton.link.service;

import io.baton.link.LinkHandler;
import io.baton.link.LinkSession;
import io.baton.service.Subscriber;

/**
 * A handler whose sessions {@linkplain LinkSession#subscribe subscribe} to topics. What is
 * published are records of the types that the service sends, by {@link LinkTopics} of the same
 * module, in whatever worker.
 *
 * <p>The callbacks run where the others of the handler do, with the guarantees of {@link
 * io.baton.service.Topics}. While the session moves none of them runs: what is published meanwhile
 * comes after {@link #resumed}, in order, once.
 *
 * <p>The record may be of a worker with another version of the types, as during a reload, and
 * changed types have the same effect as in a client's message: a record that is unknown here is
 * {@link #undecodable} and dropped, and types that contradict each other end the session with code
 * 8, SCHEMA. What was published without {@link LinkTopics} is a mistake of the module's, which ends
 * the session with code 16, ERROR.
 *
 * @param <I> what is received
 * @param <O> what is sent, and published
 */
public interface LinkSubscriber<I, O> extends LinkHandler<I, O> {

  /** A message was published to a topic that the session has subscribed to. */
  void published(LinkSession<I, O> session, String topic, O message);

  /**
   * A message was sent to this session, or to all of its user: {@link LinkTopics#send}. Called only
   * if the session is {@linkplain LinkSession#addressable addressable}.
   */
  default void sent(LinkSession<I, O> session, O message) {}

  /**
   * Publications of a topic do not reach this session, as in {@link Subscriber#missed}. What comes
   * next is in order.
   *
   * @param topic its name; empty for messages that were {@linkplain #sent sent} to this session
   * @param count how many; {@link Subscriber#UNKNOWN} if nobody knows
   */
  default void missed(LinkSession<I, O> session, String topic, long count) {}
}
