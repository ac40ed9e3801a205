package io.baton.softbus;

/** An example of a session server: sends back what it gets. */
final class EchoServer implements SoftBusServer {

  @Override
  public void bytesReceived(SoftBusSession session, byte[] data) {
    session.sendBytes(data);
  }
}
