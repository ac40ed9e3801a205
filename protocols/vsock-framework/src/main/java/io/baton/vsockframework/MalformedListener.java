package io.baton.vsockframework;

import io.baton.service.Session;

/** What a service of records implements besides if it wants to know of malformed messages. */
public interface MalformedListener {

  /**
   * The client has sent a message that is not in the table of types, or not of its type. The
   * session ends after this with {@link io.baton.service.CloseReason#PROTOCOL}. Called in the
   * session's lane.
   *
   * @param why names the type and, if it is known, the field
   */
  void malformed(Session<Record> session, MalformedMessageException why);
}
