package io.baton.worker.mesh;

import io.baton.mesh.MeshMessage;
import java.util.List;

/**
 * Several listeners, which are told of everything in their order. The last one says {@link
 * MeshMessage.Synced} to newcomers.
 */
public record MeshListeners(List<MeshListener> all) implements MeshListener {
  /** Makes a copy of the list. */
  public MeshListeners {
    all = List.copyOf(all);
  }

  @Override
  public void introduced(long neighbour) {
    all.forEach(each -> each.introduced(neighbour));
  }

  @Override
  public void received(long neighbour, MeshMessage message) {
    all.forEach(each -> each.received(neighbour, message));
  }

  @Override
  public void writable(long neighbour) {
    all.forEach(each -> each.writable(neighbour));
  }

  @Override
  public void reset(long neighbour) {
    all.forEach(each -> each.reset(neighbour));
  }

  @Override
  public void severed(long neighbour) {
    all.forEach(each -> each.severed(neighbour));
  }

  @Override
  public void died(long neighbour) {
    all.forEach(each -> each.died(neighbour));
  }
}
