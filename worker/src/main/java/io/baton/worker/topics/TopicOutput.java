package io.baton.worker.topics;

import io.baton.mesh.MeshMessage;

/**
 * What a {@link TopicRouter} has others do. Called on the router's thread, within a call of the
 * router; must return soon and must not call the router.
 */
public interface TopicOutput {
  /** A loss whose number nobody knows, for {@link #missed}. */
  long UNKNOWN = -1;

  /**
   * Calls the session's service with a publication, after all that came before; then {@link
   * TopicRouter#handled} is due.
   */
  void deliver(long session, Publication publication);

  /**
   * Tells the session's service that it did not get some publications; then {@link
   * TopicRouter#handledMissed} is due.
   *
   * @param count how many; {@link #UNKNOWN} if nobody knows
   */
  void missed(long session, String topic, long count);

  /** Returns what others may see of a session that is here. */
  SessionFacts facts(long session);

  /** Sessions of this worker begin, or cease, to want a topic. Other machines are to hear of it. */
  default void want(String topic, boolean wanted) {
    // There are no other machines.
  }

  /**
   * Says something to all workers of other machines, of which some may miss it.
   *
   * @return false if it is certain that none hears it
   */
  default boolean sendToMachines(MeshMessage message) {
    return false; // There are none.
  }

  /**
   * Sends a message to another worker, in the order of these calls.
   *
   * @return false if its link is full: then a publication, a forward, a question for members or its
   *     answer is dropped; every other message is accepted nevertheless. What is for another
   *     machine may be lost in any case
   */
  boolean send(long neighbour, MeshMessage message);
}
