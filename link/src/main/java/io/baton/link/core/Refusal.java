package io.baton.link.core;

import java.util.Set;

/**
 * The server's answer that it does not open or resume a session on this connection, or the client's
 * own verdict on an answer.
 *
 * @param retryAfterMillis when to try again at the earliest, in milliseconds; 0 if not said
 * @param text for a log
 * @param proven whether the refusal is known to come from a server that has the client's token
 */
public record Refusal(LinkCode code, long retryAfterMillis, String text, boolean proven) {
  private static final Set<LinkCode> ENDINGS =
      Set.of(
          LinkCode.NO_SUCH_SESSION,
          LinkCode.SUPERSEDED,
          LinkCode.DIVERGED,
          LinkCode.SCHEMA,
          LinkCode.DENIED_BY_SERVICE,
          LinkCode.FORBIDDEN,
          LinkCode.UNKNOWN_SERVICE);

  /**
   * Tells whether a session that was to be resumed is lost by this refusal. Anybody on the path can
   * write an unproven one, which is a reason to try again until the grace is over and no more.
   */
  public boolean ends() {
    return proven && ENDINGS.contains(code);
  }
}
