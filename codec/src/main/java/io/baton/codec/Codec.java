package io.baton.codec;

import io.netty.channel.ChannelPipeline;
import org.jspecify.annotations.Nullable;

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

  /** How many messages of one session may be unprocessed at a time, at most. */
  int window();

  /**
   * Whether the client has to speak first and between messages, as in HTTP: then its silence is
   * bounded even where a listener does not say so.
   */
  default boolean clientsTurn() {
    return false;
  }

  /**
   * Adds this protocol's handlers to the end of a new connection's pipeline. Each message that
   * reaches the end of the pipeline counts as handed out; {@link Window} says when that is allowed.
   *
   * @param saved what {@link Flow#save} of the same codec said in another worker, its unread bytes
   *     being the runtime's matter; null for a new connection
   * @throws IllegalArgumentException if the state is of a version unknown here, or makes no sense
   */
  Flow install(ChannelPipeline pipeline, Window window, @Nullable Saved saved);
}
