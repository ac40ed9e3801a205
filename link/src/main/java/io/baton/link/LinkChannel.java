package io.baton.link;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * A named sequence of messages beside those of the session, in one direction, from this side to the
 * other. Each channel has a window of its own: one that the other side is slow to receive does not
 * hold up the others. Messages of one channel are received once and in order; between channels
 * there is no order. The other side is told the name with each message: {@link
 * LinkHandler#received(LinkSession, String, Object)}.
 *
 * <p>Threading is that of {@link LinkSession}.
 *
 * @param <I> what a question is answered with
 * @param <O> what is sent
 */
public interface LinkChannel<I, O> extends AutoCloseable {
  /** How long an answer is waited for if nothing else is said: one minute. */
  Duration ASK_TIMEOUT = Duration.ofMinutes(1);

  /** Returns the name that was given to {@link LinkSession#channel}. */
  String name();

  /**
   * Sends a message as {@link LinkSession#send} does, with room in this channel's window instead.
   *
   * @return true if it is queued; false if the channel or the session is closed
   */
  boolean send(O message);

  /** Returns whether {@link #send} would queue a message at once. */
  boolean writable();

  /** Asks as {@link LinkSession#ask(Object)} does, in the order of this channel's messages. */
  default CompletableFuture<I> ask(O question) {
    return ask(question, ASK_TIMEOUT);
  }

  /** Asks as {@link LinkSession#ask(Object, Duration)} does, in this channel's order. */
  CompletableFuture<I> ask(O question, Duration timeout);

  /**
   * Ends the channel behind what was sent on it. Open questions may still be answered. A channel of
   * the same name that is opened later is another one. Returns at once.
   */
  @Override
  void close();
}
