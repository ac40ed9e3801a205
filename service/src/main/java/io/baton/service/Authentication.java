package io.baton.service;

import java.time.Duration;

/** The decision of an {@link Authenticator}. Each protocol has its own words for a refusal. */
public sealed interface Authentication {

  /** The client is this one, and may go on. */
  record Accepted(Principal principal) implements Authentication {}

  /** The decisions that end the client's attempt. */
  sealed interface Refused extends Authentication {}

  /**
   * Who the client is has not been shown, or wrongly: it may try again with a credential. In HTTP
   * this is 401 with the challenge in {@code WWW-Authenticate}.
   *
   * @param challenge by RFC 9110, 11.6.1, such as {@code Basic realm="files", charset="UTF-8"}
   */
  record Unauthenticated(String challenge) implements Refused {
    /** Most characters that a challenge can have. */
    public static final int MAX_CHALLENGE = 1024;

    /**
     * Checks it.
     *
     * @throws IllegalArgumentException if it is empty, too long, or has other characters than
     *     visible ones of ASCII, and spaces between them
     */
    public Unauthenticated {
      if (challenge.isBlank()
          || challenge.length() > MAX_CHALLENGE
          || !challenge.equals(challenge.strip())
          || challenge.chars().anyMatch(c -> c < ' ' || c > '~')) {
        throw new IllegalArgumentException(
            "a challenge has 1 to %d visible characters of ASCII, with spaces between them only"
                .formatted(MAX_CHALLENGE));
      }
    }
  }

  /** The client is known and may not have what it asks for: 403 in HTTP. */
  record Forbidden() implements Refused {}

  /**
   * It cannot be decided now: 503 with {@code Retry-After} in HTTP.
   *
   * @param retryAfter when the client may try again; whole seconds, of which a part counts as one
   */
  record Unavailable(Duration retryAfter) implements Refused {
    /** The longest time that a client is told to wait. */
    public static final Duration MAX_RETRY_AFTER = Duration.ofDays(1);

    /**
     * Checks it.
     *
     * @throws IllegalArgumentException if it is negative or longer than a day
     */
    public Unavailable {
      if (retryAfter.isNegative() || retryAfter.compareTo(MAX_RETRY_AFTER) > 0) {
        throw new IllegalArgumentException(
            "a client is told to wait from 0 s to 1 day, not " + retryAfter);
      }
    }
  }
}
