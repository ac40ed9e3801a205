package io.baton.worker.accesslog;

import io.baton.service.Peer;
import org.jspecify.annotations.Nullable;

/**
 * One line of an access log before it is text. Whatever a client has said in it is cut to a
 * maximum, because entries wait in memory for the thread that writes them.
 */
public sealed interface AccessEntry permits RequestEntry, SessionEntry {
  /** The client, the listener and the session that the line is about. */
  Subject subject();

  /** Time of the line: milliseconds since 1970. */
  long timeMs();

  /**
   * The client, the listener and the session that a line is about.
   *
   * @param session number of the session; 0: not known
   * @param realIp address that a trusted proxy has named; null: the client is the peer
   * @param principal name of the client's principal; null if it has none
   */
  record Subject(
      String listener,
      long session,
      Peer peer,
      @Nullable String realIp,
      @Nullable String principal) {
    private static final int MAX_PRINCIPAL = 256;

    public Subject {
      principal = cut(principal, MAX_PRINCIPAL);
    }
  }

  /** Returns the text, or its first characters if it has more than {@code max}. */
  static @Nullable String cut(@Nullable String text, int max) {
    return text == null || text.length() <= max ? text : text.substring(0, max);
  }
}
