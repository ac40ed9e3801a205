package io.baton.link;

import java.time.Duration;

/**
 * The user's code behind one session: the same interface serves a client and a service. One object
 * serves one session, so its fields may be the session's state.
 *
 * <p><b>Threading.</b> The callbacks of a session run one after the other, never two at a time. In
 * a client they run on a virtual thread of the session's own and may block: only this session
 * waits, and what it has not yet received stays with the sender once a window is full. In a service
 * they run in the listener's lane; see {@link io.baton.service.Service}.
 *
 * <p><b>Errors.</b> A callback that throws closes its own session with code 16, ERROR, as {@link
 * LinkSession#close(int, String)} does; {@link #closed} is still called. A client hands the
 * exception to the session thread's {@link Thread.UncaughtExceptionHandler}; a worker logs and
 * counts it.
 *
 * @param <I> what is received
 * @param <O> what is sent
 */
public interface LinkHandler<I, O> {

  /**
   * The session has been opened: the first callback, except for a service's session that
   * {@linkplain #resumed came from another worker}.
   *
   * @return false to refuse it. A service's client is told DENIED_BY_SERVICE (code 13); a client's
   *     session is closed. No other callback follows a service's refusal
   */
  default boolean opened(LinkSession<I, O> session) {
    return true;
  }

  /**
   * A message has arrived. When this returns, the message counts as consumed, and the other side
   * may send as many bytes more.
   */
  void received(LinkSession<I, O> session, I message);

  /**
   * A message has arrived on a channel that the other side has opened with {@link
   * LinkSession#channel}. Not called for the session's own messages.
   */
  default void received(LinkSession<I, O> session, String channel, I message) {
    received(session, message);
  }

  /**
   * The other side has asked. When this returns, the question counts as consumed, answered or not:
   * the answer may be given later, from any thread. A question must be answered or refused at last;
   * at most 1,024 may be open.
   */
  default void asked(LinkSession<I, O> session, I question, Answer<O> answer) {
    answer.fail(13, "no answer to " + question.getClass().getSimpleName());
  }

  /**
   * The other side has opened a byte stream, which is to be accepted or refused, now or later.
   * Bytes are received beside the messages, so a callback may read the stream only where it may
   * block.
   */
  default void streamed(LinkSession<I, O> session, Incoming stream) {
    stream.refuse();
  }

  /**
   * A stream from a file, or into one, has ended. Told of each, once, by the worker in which it has
   * ended: the session may have moved since it began.
   */
  default void transferred(LinkSession<I, O> session, Transfer transfer) {}

  /**
   * The server is about to stop. New questions and streams of this side fail with code 14
   * (SHUTDOWN) from now on; what has begun may end, and then the session should be closed. Not
   * called in a service.
   *
   * @param comeBack when the server asks its clients to come back; zero if it does not say
   */
  default void goingAway(LinkSession<I, O> session, Duration comeBack) {}

  /**
   * A message has arrived that this side cannot represent: a newer peer sent a record type or an
   * enum constant that is unknown here, or the record's constructor rejected the values. The
   * message is dropped, and the session goes on.
   *
   * @param type name of the record, and of the field where there is one
   */
  default void undecodable(LinkSession<I, O> session, String type) {}

  /** The connection is lost. The session waits for another for as long as its grace lasts. */
  default void away(LinkSession<I, O> session) {}

  /** There is a connection again, and nothing was lost. */
  default void back(LinkSession<I, O> session) {}

  /**
   * The worker of a service's session is about to end, and the session could not move at once, or
   * the server stops: what is under way is to end soon and in order, as in {@link
   * io.baton.service.Draining}. The session may go on in another worker afterwards. Not called in a
   * client, which hears {@link #goingAway} behind this.
   */
  default void draining(LinkSession<I, O> session) {}

  /**
   * The session has ended. Last callback, once, after an {@link #opened} or a {@link #resumed}.
   * What the other side sent before it closed the session was received before.
   */
  default void closed(LinkSession<I, O> session, Ending why) {}

  /**
   * The session of a service is to move to another worker: returns what {@link #resumed} needs
   * there, as in {@link io.baton.service.Service#save}. If the session moves, this object receives
   * no other callback. Not called in a client.
   */
  default byte[] save(LinkSession<I, O> session) {
    return new byte[0];
  }

  /**
   * The session of a service has moved here: the first callback, instead of {@link #opened}, as in
   * {@link io.baton.service.Service#resumed}. Not called in a client.
   *
   * @param saved what {@link #save} returned, maybe in another version of this class
   */
  default void resumed(LinkSession<I, O> session, byte[] saved) {}
}
