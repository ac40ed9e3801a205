package io.baton.worker.broker;

import io.baton.mesh.MeshMessage;
import io.baton.worker.broker.BrokerMessage.Bye;
import io.baton.worker.broker.BrokerMessage.End;
import io.baton.worker.broker.BrokerMessage.Hello;
import io.baton.worker.broker.BrokerMessage.Mark;
import io.baton.worker.broker.BrokerMessage.OfMesh;
import io.baton.worker.broker.BrokerMessage.Publish;
import io.baton.worker.memory.MemoryAccount;
import io.baton.worker.topics.RemotePublications;

/**
 * The topics of a worker on other machines: what is published here goes to the broker, numbered,
 * and what sessions here have subscribed comes from it. The mesh of this machine does not depend on
 * it.
 */
public final class ClusterTopics implements ClusterMember {
  /** Where a worker takes part in a cluster. */
  public interface Receiver {
    /** What is published elsewhere comes to sessions here. */
    RemotePublications remote();

    /** What is published elsewhere comes from now on, or does not come any more. */
    void connected(boolean isUp);

    /** A worker of another machine is there. */
    void appeared(long worker);

    /** It has ended, or is silent. */
    void vanished(long worker);

    /** It has said something as workers of one machine do. */
    void received(long worker, MeshMessage message);

    /** Something has come to sessions. */
    void handOut();
  }

  private final Cluster cluster;
  private final Receiver receiver;
  private final PublishedNumbers numbers;

  public ClusterTopics(Cluster cluster, Receiver receiver, MemoryAccount memory) {
    this.cluster = cluster;
    this.receiver = receiver;
    numbers = new PublishedNumbers(memory, cluster::toTopic);
  }

  // ---- out ----

  /** Publishes a message to other machines; returns false if it is certain that it is lost. */
  public boolean publish(String topic, byte[] message) {
    long n = numbers.next(topic);
    if (n == PublishedNumbers.NONE) {
      cluster.drop(DropReason.TOPICS, 1);
      return false;
    }
    if (!cluster.toTopic(new Publish(topic, n, message))) {
      numbers.refused(topic);
      return false;
    }
    return true;
  }

  /** Sessions here begin, or cease, to want a topic. */
  public void want(String topic, boolean wanted) {
    cluster.want(topic, wanted);
  }

  /** Whether no other machine is known, or can be reached: nobody hears what is sent. */
  public boolean isAlone() {
    return !cluster.reachesOthers();
  }

  /** Says something to all workers of other machines. */
  public boolean sendToAll(MeshMessage message) {
    return cluster.toAll(new OfMesh(message));
  }

  /** Sends a message to one worker; returns false if it is certain that it is lost. */
  public boolean send(long worker, MeshMessage message) {
    return cluster.toWorker(worker, new OfMesh(message));
  }

  // ---- in ----

  @Override
  public void appeared(long worker, long machine) {
    receiver.appeared(worker);
  }

  @Override
  public void vanished(long worker) {
    receiver.vanished(worker);
  }

  @Override
  public void up(boolean again) {
    receiver.connected(true);
    numbers.repeat();
    if (again) {
      receiver.remote().restored();
    }
  }

  @Override
  public void down() {
    receiver.connected(false);
    numbers.disconnected();
  }

  @Override
  public void received(long worker, BrokerMessage message) {
    RemotePublications remote = receiver.remote();
    switch (message) {
      case Publish m -> {
        remote.published(worker, m.topic(), m.n(), m.message());
        receiver.handOut();
      }
      case Mark m -> remote.marked(worker, m.topic(), m.n(), m.unsure());
      case End m -> remote.ended(worker, m.topic(), m.n());
      case Hello m -> {
        if (m.lost()) {
          numbers.repeat();
        }
      }
      case OfMesh m -> receiver.received(worker, m.content());
      case BrokerMessage.OfTransfers _, Bye _ -> {
        // For others.
      }
    }
  }

  @Override
  public void forgotten(long worker) {
    receiver.remote().forget(worker);
  }

  @Override
  public void tick(long ms) {
    numbers.tick(ms);
  }
}
