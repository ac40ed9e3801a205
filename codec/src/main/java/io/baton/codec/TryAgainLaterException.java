package io.baton.codec;

import io.netty.handler.codec.DecoderException;

/**
 * A message is refused because the worker has no memory for it now; the client did nothing wrong.
 * Thrown by a decoder it ends the session with {@link io.baton.service.CloseReason#LIMIT}.
 */
public final class TryAgainLaterException extends DecoderException {
  private static final long serialVersionUID = 1;

  public TryAgainLaterException(long bytes) {
    super("there is no memory now for a message of " + bytes + " bytes");
  }
}
