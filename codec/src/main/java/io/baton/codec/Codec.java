package io.baton.codec;

/**
 * A protocol: the Netty handlers that turn bytes into messages and back. One object serves all
 * connections of its listeners and keeps no state of any of them. Most codecs extend {@link
 * ByteCodec}.
 *
 * <p><b>Threading.</b> {@link #install} and the handlers run on the worker's event loop and must
 * not block.
 *
 * <p><b>Errors.</b> A handler that throws a {@link io.netty.handler.codec.DecoderException} ends
 * its session with {@link io.baton.service.CloseReason#PROTOCOL}: the client has broken the
 * protocol. Any other exception is the codec's own mistake; it is logged, counted, and ends the
 * session with {@link io.baton.service.CloseReason#ERROR}. No other session notices either.
 *
 * @param <I> the messages that the codec reads and a service receives
 * @param <O> the messages that a service sends and the codec writes
 */
public interface Codec<I, O> {

  /** Returns the type of the messages that the codec reads. */
  Class<I> in();

  /** Returns the type of the messages that the codec writes. */
  Class<O> out();

  /**
   * Returns how many messages of one session may be unprocessed at a time, at least 1. A listener's
   * {@code window-messages} may lower that.
   */
  int window();

  /**
   * Returns whether the client has to speak first and between messages, as in HTTP. Then the
   * runtime bounds the client's silence even where the listener sets no {@code idle-timeout}.
   */
  default boolean clientsTurn() {
    return false;
  }

  /**
   * Returns whether the first that a client says may be which session of before it wants to go on
   * with. Then a service is opened only with {@link CodecContext#claim}, with the first message, or
   * when the session moves.
   */
  default boolean seeks() {
    return false;
  }

  /**
   * Returns whether the server speaks first, to tell the client how it can come back: {@link
   * Flow#welcome}.
   */
  default boolean welcomes() {
    return false;
  }

  /**
   * Adds this protocol's handlers to the end of a connection's pipeline. Each message that they
   * pass on at the end of the pipeline is handed out to the service; {@link Window#open} says when
   * that is allowed.
   *
   * @return the codec's part of the session
   * @throws IllegalArgumentException if this codec cannot go on with {@link CodecContext#saved}:
   *     another codec saved it, its version is unknown, or its content is invalid. The session then
   *     goes back to the worker that it came from
   */
  Flow install(CodecContext context);
}
