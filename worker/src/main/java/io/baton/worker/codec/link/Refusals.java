package io.baton.worker.codec.link;

import io.baton.link.core.LinkCode;
import io.baton.service.CloseReason;
import org.jspecify.annotations.Nullable;

/** What a client is told when its session ends, or when it gets none. */
final class Refusals {

  private Refusals() {}

  /** Returns the word for a session's end; null if nothing is to be said. */
  static @Nullable LinkCode code(CloseReason why) {
    return switch (why) {
      case SERVICE -> LinkCode.BYE;
      case ERROR -> LinkCode.ERROR;
      case PROTOCOL -> LinkCode.PROTOCOL;
      case TIMEOUT -> LinkCode.IDLE;
      case LIMIT -> LinkCode.TOO_SLOW;
      case SHUTDOWN -> LinkCode.SHUTDOWN;
      case CLIENT, UPGRADED, MOVED -> null; // it has left, or is not to notice
    };
  }

  /** Returns the word for a client that gets no session; null if nothing is to be said. */
  static @Nullable LinkCode refusal(CloseReason why) {
    return why == CloseReason.LIMIT ? LinkCode.TOO_MANY : code(why);
  }
}
