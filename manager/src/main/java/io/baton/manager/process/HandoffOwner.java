package io.baton.manager.process;

import io.baton.posix.Fd;
import io.baton.service.Peer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The owner of connections that workers give. Called on the manager's thread; must not block. */
public interface HandoffOwner {
  /**
   * Becomes the owner of a connection that a worker gave.
   *
   * @param via the proxy that it came through; null if there is none
   * @param descriptors those of its session's connections, then the state's if that comes aside;
   *     the owner's from now on, unless the answer is false
   * @param connections how many of them are connections'
   * @return false if no worker can have had this connection
   */
  boolean own(long id, @Nullable Peer via, List<Fd> descriptors, int connections);
}
