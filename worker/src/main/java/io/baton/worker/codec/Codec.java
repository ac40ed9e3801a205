package io.baton.worker.codec;

import io.netty.channel.ChannelPipeline;

/**
 * One protocol: bytes to messages and back, as Netty handlers. One object serves all connections of
 * its listeners.
 *
 * @param <I> what it reads
 * @param <O> what it writes
 */
public interface Codec<I, O> {

  Class<I> in();

  Class<O> out();

  /** How many messages of one session may be unprocessed at a time. */
  int window();

  /**
   * Adds this protocol's handlers to the end of a new connection's pipeline. Each message that
   * reaches the end of the pipeline counts as handed out; {@link Window} says when that is allowed.
   */
  Flow install(ChannelPipeline pipeline, Window window);
}
