package io.baton.spice;

import java.util.Optional;

/** A channel of a session, which has a connection of its own. */
enum ChannelType {
  /** The first of a session. It tells the client the session's id and its channels. */
  MAIN(1, 64 * 1024),
  /** The screen. */
  DISPLAY(2, 4 * 1024),
  /** Keys and mouse. */
  INPUTS(3, 4 * 1024),
  /** The shape of the pointer. */
  CURSOR(4, 4 * 1024);

  private final int code;
  private final int maxBody;

  ChannelType(int code, int maxBody) {
    this.code = code;
    this.maxBody = maxBody;
  }

  /** Returns its number on the wire. */
  int code() {
    return code;
  }

  /** Returns the most bytes that a client's message has, without its header. */
  int maxBody() {
    return maxBody;
  }

  /** Returns the type with this number; empty if this server has no such channel. */
  static Optional<ChannelType> of(int code) {
    for (ChannelType each : values()) {
      if (each.code == code) {
        return Optional.of(each);
      }
    }
    return Optional.empty();
  }
}
