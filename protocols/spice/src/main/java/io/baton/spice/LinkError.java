package io.baton.spice;

import io.baton.service.CloseReason;

/**
 * The outcome of a link as the client is told it (SPICE_LINK_ERR): in the link reply, or once the
 * client has the public key, in the result of its ticket.
 */
enum LinkError {
  OK(0, CloseReason.SERVICE),
  /** The session cannot be joined now, or the server has as many clients as it may have. */
  ERROR(1, CloseReason.SERVICE),
  INVALID_MAGIC(2, CloseReason.PROTOCOL),
  INVALID_DATA(3, CloseReason.PROTOCOL),
  VERSION_MISMATCH(4, CloseReason.PROTOCOL),
  /** The ticket is wrong. */
  PERMISSION_DENIED(7, CloseReason.PROTOCOL),
  /** There is no session with that id, or not any more. */
  BAD_CONNECTION_ID(8, CloseReason.SERVICE),
  /** The server has no such channel, or the session has it already. */
  CHANNEL_NOT_AVAILABLE(9, CloseReason.SERVICE);

  private final int code;
  private final CloseReason reason;

  LinkError(int code, CloseReason reason) {
    this.code = code;
    this.reason = reason;
  }

  /** Returns its number on the wire. */
  int code() {
    return code;
  }

  /** Returns why the connection ends: {@code PROTOCOL} if the client has made a mistake. */
  CloseReason reason() {
    return reason;
  }
}
