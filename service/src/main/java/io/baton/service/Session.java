package io.baton.service;

import java.time.Duration;

/**
 * One client's conversation.
 *
 * <p>All methods may be called from any thread, except {@link #hold()}.
 *
 * @param <O> what can be sent
 */
public interface Session<O> {

  SessionId id();

  Peer peer();

  /**
   * Sends a message; messages go out in the order of the calls. What the client does not take waits
   * in memory. Called on the session's own thread of the {@code virtual} lane, this waits while
   * that is more than the high-water mark; anywhere else it never blocks, so a service that sends
   * without being asked looks at {@link #writable()} first.
   *
   * @return false if the session is closed or moving; the message is released then
   */
  boolean send(O message);

  /** False while more waits for the client than the high-water mark allows. */
  boolean writable();

  /**
   * Keeps the message that is being received unprocessed until the hold is released: what an answer
   * that comes later is for. While as many messages as the codec's window allows are unprocessed,
   * the client is not read.
   *
   * @throws IllegalStateException outside of {@link Service#received}
   */
  Hold hold();

  /** Runs the task in the session's lane after the delay, unless cancelled or the session ended. */
  Cancellable after(Duration delay, Runnable task);

  /** Ends the session once what was sent before has gone out. Does nothing if it has ended. */
  void close(CloseReason why);
}
