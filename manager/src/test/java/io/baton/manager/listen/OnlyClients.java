package io.baton.manager.listen;

import io.baton.service.Peer;

/** To whom nothing happens but that clients are accepted, unless it is said. */
abstract class OnlyClients implements Sink {
  @Override
  public void rejected(Listener listener, Peer peer, String why) {
    throw new AssertionError("everybody may come in");
  }

  @Override
  public void turnedAway(Listener listener) {
    throw new AssertionError("there are descriptors enough");
  }

  @Override
  public void starved() {
    throw new AssertionError("there are descriptors enough");
  }
}
