package io.baton.vsockframework;

import io.baton.service.CloseReason;
import io.baton.service.Service;
import io.baton.service.Session;

/** The service of one session: turns messages into records for another service, and back. */
final class RecordService implements Service<FrameworkMessage, FrameworkMessage> {
  private final VsockFrameworkSettings settings;
  private final Service<Record, Record> service;

  RecordService(VsockFrameworkSettings settings, Service<Record, Record> service) {
    this.settings = settings;
    this.service = service;
  }

  private Session<Record> records(Session<FrameworkMessage> session) {
    return new RecordSession(settings, session);
  }

  @Override
  public boolean opened(Session<FrameworkMessage> session) {
    return service.opened(records(session));
  }

  @Override
  public void received(Session<FrameworkMessage> session, FrameworkMessage message) {
    Session<Record> its = records(session);
    Record read;
    try {
      read = settings.types().read(message);
    } catch (MalformedMessageException e) {
      if (service instanceof MalformedListener listener) {
        listener.malformed(its, e);
      }
      session.close(CloseReason.PROTOCOL);
      return;
    }
    service.received(its, read);
  }

  @Override
  public void writable(Session<FrameworkMessage> session) {
    service.writable(records(session));
  }

  @Override
  public void closed(Session<FrameworkMessage> session, CloseReason why) {
    service.closed(records(session), why);
  }

  @Override
  public byte[] save(Session<FrameworkMessage> session) {
    return service.save(records(session));
  }

  @Override
  public void resumed(Session<FrameworkMessage> session, byte[] saved) {
    service.resumed(records(session), saved);
  }
}
