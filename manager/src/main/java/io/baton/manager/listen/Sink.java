package io.baton.manager.listen;

import io.baton.posix.Fd;
import io.baton.service.Peer;
import org.jspecify.annotations.Nullable;

/** Takes what a listener gives. */
public interface Sink {
  /**
   * The descriptor is the sink's now.
   *
   * @param via the proxy whose connection it is; null if it is the client's own
   */
  void accepted(Listener listener, Fd client, Peer peer, @Nullable Peer via);

  /** A connection was ended that may not come in as it is. */
  void rejected(Listener listener, Peer peer, String why);

  /** There was no descriptor for a client, which is gone. */
  void turnedAway(Listener listener);

  /** There is no descriptor to accept anybody with: clients wait in the kernel. */
  void starved();
}
