package io.baton.softbus;

import io.baton.service.Peer;
import java.util.Set;

/**
 * A decision on which clients may open sessions under a name.
 *
 * <p><b>Threading.</b> Called in the session's lane, by many sessions at the same time. An
 * exception ends the session, as one of its server's callbacks does.
 */
@FunctionalInterface
public interface SoftBusPermission {
  /** Everybody who has an authentication key. */
  SoftBusPermission ALL = (_, _, _) -> true;

  /**
   * Decides on a client that wants a session.
   *
   * @param name of the session server
   * @param keyIndex of the authentication key that the client has
   * @param peer its address
   */
  boolean allows(String name, long keyIndex, Peer peer);

  /** Makes a permission for those who have one of these authentication keys. */
  static SoftBusPermission keys(Set<Long> indexes) {
    Set<Long> allowed = Set.copyOf(indexes);
    return (_, keyIndex, _) -> allowed.contains(keyIndex);
  }
}
