package io.baton.service;

import java.util.OptionalLong;

/**
 * What a {@link Service} implements besides if its sessions can wait for clients that have lost
 * their connection: those whose protocol lets a client find its session again, of listeners with
 * {@code awaits-return}. The session goes on as before, with its timers; what is sent to it is
 * kept, up to {@code max-pending}, until its client is back. If it does not come within {@code
 * awaits-return}, the session ends with {@link CloseReason#CLIENT}.
 *
 * <p>The callbacks run in the session's lane like all others, and like those of {@link Service} end
 * the session if they throw.
 *
 * @param <O> what the codec writes
 */
public interface Resumable<O> {

  /** The client has lost its connection. */
  default void away(Session<O> session) {}

  /**
   * The client is back, on another connection: {@link Session#peer} may be another. What was sent
   * since {@link #away} is on its way to it. What was sent shortly before, over the lost
   * connection, may have been lost with it: a {@link Replaying} service sends it again.
   *
   * @param last number of the last message that the client has seen, if its protocol tells
   */
  default void back(Session<O> session, OptionalLong last) {}
}
