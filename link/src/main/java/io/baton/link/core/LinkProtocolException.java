package io.baton.link.core;

/** A peer's violation of the protocol, with the code under which the connection ends. */
final class LinkProtocolException extends Exception {
  private static final long serialVersionUID = 1;

  private final LinkCode code;

  LinkProtocolException(LinkCode code, String text) {
    super(text, null, false, false);
    this.code = code;
  }

  /** Makes an exception with the code PROTOCOL. */
  LinkProtocolException(String text) {
    this(LinkCode.PROTOCOL, text);
  }

  LinkCode code() {
    return code;
  }

  String text() {
    return String.valueOf(getMessage());
  }
}
