package io.baton.examples;

import io.baton.service.Service;
import io.baton.service.Session;
import io.netty.buffer.ByteBuf;

/** Sends back what it gets. */
final class EchoService implements Service<ByteBuf, ByteBuf> {

  @Override
  public void received(Session<ByteBuf> session, ByteBuf message) {
    session.send(message.retain()); // the runtime releases what was received
  }
}
