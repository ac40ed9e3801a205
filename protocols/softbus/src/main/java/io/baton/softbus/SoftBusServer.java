package io.baton.softbus;

import io.baton.service.CloseReason;

/**
 * The callbacks of a session server: what happens with the sessions that clients open under its
 * name. One object serves one session: its fields are the session's state. {@link SoftBusServers}
 * has the names.
 *
 * <p><b>Threading.</b> All callbacks of one session run one after the other, in the lane that the
 * listener's {@code lane} chooses. With {@code lane = virtual} a callback may block: no other
 * session waits for it.
 *
 * <p><b>Errors.</b> A callback that throws ends its own session with {@link CloseReason#ERROR}, is
 * counted and logged.
 */
public interface SoftBusServer {
  /** What a session without state saves. */
  byte[] NOTHING = {};

  /**
   * A client has opened a session that it has the permission for. First callback. What is sent from
   * here accepts the session.
   *
   * @return false refuses: the connection is closed, without a reply if nothing was sent
   */
  default boolean sessionOpened(SoftBusSession session) {
    return true;
  }

  /**
   * Data has arrived: what the client sent in one frame.
   *
   * @param data belongs to the callback
   */
  void bytesReceived(SoftBusSession session, byte[] data);

  /** {@link SoftBusSession#writable} turned from false to true. */
  default void writable(SoftBusSession session) {}

  /** The session has ended, or goes on in another worker. Last callback. */
  default void sessionClosed(SoftBusSession session, CloseReason why) {}

  /**
   * Returns what this object needs in order to go on in another worker, as {@link
   * io.baton.service.Service#save}. Name, keys and sequence numbers move by themselves.
   */
  default byte[] save(SoftBusSession session) {
    return NOTHING;
  }

  /** First callback, instead of {@link #sessionOpened}, of a session that has moved here. */
  default void resumed(SoftBusSession session, byte[] saved) {}
}
