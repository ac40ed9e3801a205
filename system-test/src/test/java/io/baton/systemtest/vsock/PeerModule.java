package io.baton.systemtest.vsock;

import io.baton.service.Module;
import io.baton.service.Service;
import io.baton.service.Session;

/** Registers {@code peer}, for the line codec: tells each client who it is. */
public final class PeerModule implements Module {

  @Override
  public String name() {
    return "peer";
  }

  @Override
  public void start(Context context) {
    context.service("peer", String.class, String.class, PeerService::new);
  }

  private static final class PeerService implements Service<String, String> {

    @Override
    public void received(Session<String> session, String message) {
      session.send(session.peer().toString());
    }
  }
}
