package io.baton.worker.broker;

import io.baton.mesh.MeshMessage;
import io.baton.mesh.MeshMessage.Answer;
import io.baton.worker.broker.BrokerMessage.OfMesh;
import io.baton.worker.services.RemoteWorkers;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The named services of a worker on other machines: what the workers of a machine say to each other
 * by their links, it says to theirs by the broker.
 */
public final class ClusterServices implements ClusterMember {
  /** The services of a worker that takes part in a cluster. */
  public interface Receiver {
    /** The workers of other machines, which are asked and ask. */
    RemoteWorkers remote();

    /** A worker of another machine has said something. */
    void received(long worker, MeshMessage message);

    /** Other machines can be reached from now on, or not any more. */
    void connected(boolean isUp);

    /** There may be room again for what was refused. */
    void writable(long worker);
  }

  private final Cluster cluster;
  private final Receiver receiver;

  /** Those for whom there was no room for an answer. */
  private final Set<Long> refused = new HashSet<>();

  public ClusterServices(Cluster cluster, Receiver receiver) {
    this.cluster = cluster;
    this.receiver = receiver;
  }

  /** Sends a message to one worker; returns false if it is certain that it is lost. */
  public boolean send(long worker, MeshMessage message) {
    boolean sent = cluster.toWorker(worker, new OfMesh(message));
    if (!sent && message instanceof Answer) {
      refused.add(worker);
    }
    return sent;
  }

  /** Says something to all workers of other machines. */
  public void sendToAll(MeshMessage message) {
    var _ = cluster.toAll(new OfMesh(message));
  }

  @Override
  public void appeared(long worker, long machine) {
    receiver.remote().appeared(worker, machine);
  }

  @Override
  public void vanished(long worker) {
    refused.remove(worker);
    receiver.remote().vanished(worker);
  }

  @Override
  public void received(long worker, BrokerMessage message) {
    if (message instanceof OfMesh(MeshMessage content)) {
      receiver.received(worker, content);
    }
  }

  @Override
  public void forgotten(long worker) {
    receiver.remote().forgotten(worker);
  }

  @Override
  public void up(boolean again) {
    receiver.connected(true);
  }

  @Override
  public void down() {
    receiver.connected(false);
  }

  @Override
  public void tick(long ms) {
    List<Long> again = List.copyOf(refused);
    refused.clear();
    again.forEach(receiver::writable);
  }
}
