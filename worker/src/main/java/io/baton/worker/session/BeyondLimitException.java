package io.baton.worker.session;

import io.netty.handler.codec.DecoderException;

/** A client beyond a limit wants a session of its own. It is an outcome, and has no stack. */
final class BeyondLimitException extends DecoderException {
  private static final long serialVersionUID = 1;

  BeyondLimitException() {
    super("the client is beyond a limit and has no session to go on with");
  }

  @Override
  public synchronized Throwable fillInStackTrace() {
    return this;
  }
}
