package io.baton.worker.session;

import io.baton.config.PeerRange;
import io.baton.pipe.ListedSession;
import io.baton.pipe.SessionDescription;
import io.baton.pipe.SessionFilter;
import org.jspecify.annotations.Nullable;

/** A session as an operator who asks for it sees it. Event loop only. */
interface InspectedSession {

  /** The number of its first connection. */
  long id();

  /**
   * Returns whether it is one of those that the filter names, but for its id.
   *
   * @param peers the filter's, read; null for any
   */
  boolean matches(SessionFilter filter, @Nullable PeerRange peers);

  /** Returns it as it is now. */
  SessionDescription describe();

  /** Returns it as it is now, for a list. */
  ListedSession summary();

  /**
   * Ends it with its protocol's goodbye, behind what its client has sent before; at once if its
   * client is away.
   */
  void dismiss();
}
