package io.baton.worker.codec.websocket;

import io.baton.service.SessionKey;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a client offers beside the subprotocols of its service, in {@code Sec-WebSocket-Protocol}:
 *
 * <pre>
 *   baton.resume                       it understands a welcome
 *   baton.resume.KEY.TOKEN[.LAST]      and wants to go on with this session
 * </pre>
 */
record ResumeOffer(SessionKey key, ResumeToken token, OptionalLong last) {
  /** The subprotocol of clients that understand a welcome. */
  static final String NAME = "baton.resume";

  private static final String PREFIX = NAME + ".";
  private static final int MAX_DIGITS = 18;

  /** Whether the client understands a welcome. */
  static boolean isIn(List<String> offered) {
    return offered.stream().anyMatch(each -> each.equals(NAME) || each.startsWith(PREFIX));
  }

  /** Returns the part that names a session, if the client wants to go on with one. */
  static Optional<String> named(List<String> offered) {
    return offered.stream()
        .filter(each -> each.startsWith(PREFIX))
        .findFirst()
        .map(each -> each.substring(PREFIX.length()));
  }

  /** Reads that part; empty if it is not one of ours. */
  static Optional<ResumeOffer> parse(String text) {
    String[] parts = text.split("\\.", -1);
    if (parts.length < 2 || parts.length > 3) {
      return Optional.empty();
    }
    Optional<SessionKey> key = SessionKey.parse(parts[0]);
    Optional<ResumeToken> token = ResumeToken.parse(parts[1]);
    boolean says = parts.length == 3;
    if (key.isEmpty() || token.isEmpty() || (says && !isNumber(parts[2]))) {
      return Optional.empty();
    }
    OptionalLong last = says ? OptionalLong.of(Long.parseLong(parts[2])) : OptionalLong.empty();
    return Optional.of(new ResumeOffer(key.get(), token.get(), last));
  }

  private static boolean isNumber(String text) {
    return !text.isEmpty()
        && text.length() <= MAX_DIGITS
        && text.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  /** Returns what a client is told, and offers behind {@code baton.resume.} when it comes back. */
  static String ticket(SessionKey key, ResumeToken token) {
    return key + "." + token;
  }
}
