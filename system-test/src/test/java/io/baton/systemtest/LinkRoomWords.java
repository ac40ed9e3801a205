package io.baton.systemtest;

/** What the clients and the service of {@link LinkRoomModule} say to each other. */
public sealed interface LinkRoomWords {

  /** A guest's message of this number, for all who have subscribed to the topic. */
  record Said(String topic, int guest, int number) implements LinkRoomWords {}

  /** Publications that did not reach the client. */
  record Missed(String topic, long count) implements LinkRoomWords {}
}
