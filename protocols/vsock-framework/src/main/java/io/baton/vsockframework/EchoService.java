package io.baton.vsockframework;

import io.baton.service.Service;
import io.baton.service.Session;

/** An example of a service of records: sends back what it gets. */
final class EchoService implements Service<Record, Record> {

  @Override
  public void received(Session<Record> session, Record message) {
    session.send(message);
  }
}
