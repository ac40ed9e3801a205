package io.baton.worker.tls.record;

/** The types of records (RFC 8446, B.1), as they are written inside and outside of a record. */
final class ContentType {
  static final int CHANGE_CIPHER_SPEC = 20;
  static final int ALERT = 21;
  static final int HANDSHAKE = 22;
  static final int APPLICATION_DATA = 23;

  /** The only message of a handshake that may come when it is over, from a client. */
  static final int KEY_UPDATE = 24;

  private ContentType() {}
}
