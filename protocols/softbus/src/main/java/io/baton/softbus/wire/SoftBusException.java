package io.baton.softbus.wire;

import java.io.IOException;

/** A violation of the protocol by the peer. The session it happened in is over; others are not. */
public final class SoftBusException extends IOException {
  private static final long serialVersionUID = 1;

  /** Makes an exception with a text for the operator, which holds no key material. */
  public SoftBusException(String message) {
    super(message);
  }
}
