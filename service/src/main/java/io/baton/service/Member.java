package io.baton.service;

import java.util.Optional;

/**
 * A session that has subscribed to a topic, as {@link Topics#present} finds it.
 *
 * @param session its id
 * @param principal the name of its {@link Session#principal}; empty if that is not known
 * @param about what it has said about itself, {@link Session#subscribe(String, String)}; empty if
 *     nothing
 * @param isAway whether it waits for its client to come back, {@link Resumable}
 */
public record Member(SessionId session, Optional<String> principal, String about, boolean isAway) {
  /** Longest text that a session may say about itself, in bytes of UTF-8. */
  public static final int MAX_ABOUT_BYTES = 256;
}
