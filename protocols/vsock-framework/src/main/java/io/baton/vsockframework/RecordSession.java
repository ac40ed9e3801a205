package io.baton.vsockframework;

import io.baton.service.ForwardingSession;
import io.baton.service.Session;

/**
 * A session as a service of records sees it. Two objects of the same session are equal. {@link
 * #send} throws an IllegalArgumentException for a record that is no type's, too long, or has a
 * null.
 */
record RecordSession(VsockFrameworkSettings settings, Session<FrameworkMessage> session)
    implements ForwardingSession<Record> {

  @Override
  public boolean send(Record message) {
    return session.send(settings.types().write(message, settings.maxMessage()));
  }

  @Override
  public String toString() {
    return session.toString();
  }
}
