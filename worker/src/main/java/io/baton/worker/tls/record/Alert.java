package io.baton.worker.tls.record;

/** What ends a connection, as the peer is told (RFC 8446, 6). */
public enum Alert {
  CLOSE_NOTIFY(0),
  UNEXPECTED_MESSAGE(10),
  BAD_RECORD_MAC(20),
  RECORD_OVERFLOW(22),
  ILLEGAL_PARAMETER(47),
  DECODE_ERROR(50),
  INTERNAL_ERROR(80),
  USER_CANCELED(90);

  final int code;

  Alert(int code) {
    this.code = code;
  }
}
