package io.baton.worker.mesh;

import io.baton.mesh.MeshMessage;

/** A worker without topics, as its neighbours see it: it wants nothing and has nothing to say. */
final class NoTopics implements MeshListener {
  private final MeshSender links;

  NoTopics(MeshSender links) {
    this.links = links;
  }

  @Override
  public void introduced(long neighbour) {
    links.send(neighbour, new MeshMessage.Synced());
  }

  @Override
  public void received(long neighbour, MeshMessage message) {}

  @Override
  public void died(long neighbour) {}
}
