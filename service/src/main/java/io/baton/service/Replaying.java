package io.baton.service;

import java.util.OptionalLong;

/**
 * A {@link Resumable} service that keeps by itself what its clients may not have seen, and sends it
 * again: nothing that is sent while the client is away is kept for it, and none of it goes out
 * before {@link #back} sends. So the client can get everything, in order, at least once; it passes
 * over what it has seen before.
 *
 * <p>A service that is sent to by other threads keeps the order if it does not send between {@link
 * #away} and {@link #back}, but only adds to what it keeps.
 *
 * @param <O> what the codec writes
 */
public interface Replaying<O> extends Resumable<O> {

  /**
   * The client is back: everything behind the last message that it has seen is to be sent.
   *
   * @param last number of that message, as the service counts; empty if the client has not said
   */
  @Override
  void back(Session<O> session, OptionalLong last);
}
