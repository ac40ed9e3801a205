package io.baton.codec;

import io.netty.handler.codec.DecoderException;

/**
 * The refusal of a message for which the worker has no memory now; the client did nothing wrong. A
 * decoder that throws it ends its session with {@link io.baton.service.CloseReason#LIMIT}.
 */
public final class TryAgainLaterException extends DecoderException {
  private static final long serialVersionUID = 1;

  /**
   * Creates it.
   *
   * @param bytes the length of the message
   */
  public TryAgainLaterException(long bytes) {
    super("there is no memory now for a message of " + bytes + " bytes");
  }
}
