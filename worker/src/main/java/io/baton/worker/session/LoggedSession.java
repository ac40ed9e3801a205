package io.baton.worker.session;

import io.baton.service.Peer;
import org.jspecify.annotations.Nullable;

/**
 * A session as the log names it.
 *
 * @param connection number of its connection
 * @param principal name of its client's principal; null if that is not known
 */
record LoggedSession(long connection, Peer peer, @Nullable String principal) {
  @Override
  public String toString() {
    return "session "
        + connection
        + " of "
        + peer
        + (principal == null ? "" : " (" + principal + ")");
  }
}
