package io.baton.link.service;

import io.baton.link.Ending;
import io.baton.link.core.LinkCode;
import io.baton.service.CloseReason;

/** The ends of a worker's sessions in Link's words, and the other way round. */
final class Endings {

  private Endings() {}

  /** Returns the end of a session about which neither side has said anything. */
  static Ending of(CloseReason why) {
    return switch (why) {
      case CLIENT, MOVED, UPGRADED ->
          new Ending(Ending.UNTOLD, "the client did not come back", true);
      case SERVICE -> ending(LinkCode.BYE);
      case ERROR -> ending(LinkCode.ERROR);
      case PROTOCOL -> ending(LinkCode.PROTOCOL);
      case TIMEOUT -> ending(LinkCode.IDLE);
      case LIMIT -> ending(LinkCode.TOO_SLOW);
      case SHUTDOWN -> ending(LinkCode.SHUTDOWN);
    };
  }

  private static Ending ending(LinkCode code) {
    return new Ending(code.number(), "", true);
  }

  /** Returns the code with which a plain service closes a session. */
  static LinkCode code(CloseReason why) {
    return switch (why) {
      case CLIENT, SERVICE, MOVED, UPGRADED -> LinkCode.BYE;
      case ERROR -> LinkCode.ERROR;
      case PROTOCOL -> LinkCode.PROTOCOL;
      case TIMEOUT -> LinkCode.IDLE;
      case LIMIT -> LinkCode.TOO_SLOW;
      case SHUTDOWN -> LinkCode.SHUTDOWN;
    };
  }
}
