package io.baton.manager.process;

import io.baton.pipe.Message.Condition;
import io.baton.posix.Fd;
import java.util.List;

/** Takes what workers give. Called on the manager's thread; must not block. */
public interface Keeper {
  /**
   * Becomes the owner of a connection that a worker gave.
   *
   * @param condition saved: inline, or aside in the second descriptor
   * @param descriptors the keeper's from now on, unless the answer is false
   * @return false if no worker can have had this connection
   */
  boolean keep(long id, Condition condition, List<Fd> descriptors);
}
