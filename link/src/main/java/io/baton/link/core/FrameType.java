package io.baton.link.core;

import org.jspecify.annotations.Nullable;

/** The type of a frame; its number is the fourth byte of the frame. */
enum FrameType {
  HELLO(1),
  CHALLENGE(2),
  PROOF(3),
  WELCOME(4),
  REFUSED(5),
  DEFINE(6),
  DATA(7),
  END(8),
  GRANT(9),
  STOP(10),
  PING(11),
  PONG(12),
  GOAWAY(13),
  GOODBYE(14),
  CREDIT(15),
  SERVICES(16),
  SERVICE_LIST(17);

  private static final FrameType[] BY_NUMBER = values();

  private final int number;

  FrameType(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }

  /** Returns the type of a number, null if this version has none. */
  static @Nullable FrameType of(int number) {
    return number >= 1 && number <= BY_NUMBER.length ? BY_NUMBER[number - 1] : null;
  }
}
