package io.baton.worker.broker;

import io.baton.mesh.MeshMessage;

/** What workers of different machines say to each other. */
public sealed interface BrokerMessage {
  /** What is said to those that want a topic. */
  sealed interface OfTopic extends BrokerMessage {
    String topic();
  }

  /**
   * A message that was published.
   *
   * @param n its number among those of this publisher and topic
   */
  @SuppressWarnings("ArrayRecordComponent") // Compared by nobody.
  record Publish(String topic, long n, byte[] message) implements OfTopic {}

  /**
   * The sender's last message to the topic had this number.
   *
   * @param unsure whether messages before it may have been lost on the way to everybody
   */
  record Mark(String topic, long n, boolean unsure) implements OfTopic {}

  /** The same, and the sender forgets the number: its next message begins anew. */
  record End(String topic, long n) implements OfTopic {}

  /**
   * The sender is there.
   *
   * @param server name of its server and version of its release, for people
   * @param lost whether it had no connection for a while, and wants to be told {@link Mark}s
   */
  record Hello(String server, boolean lost) implements BrokerMessage {}

  /** What workers of one machine would say to each other by the mesh. */
  record OfMesh(MeshMessage content) implements BrokerMessage {}

  /** What is said about sessions that go on at another machine, encrypted. */
  @SuppressWarnings("ArrayRecordComponent") // Compared by nobody.
  record OfTransfers(byte[] sealed) implements BrokerMessage {}

  /** The sender ends. */
  record Bye() implements BrokerMessage {}
}
