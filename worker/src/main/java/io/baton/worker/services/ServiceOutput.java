package io.baton.worker.services;

import io.baton.mesh.MeshMessage;

/** What a {@link ServiceRouter} has done. None of it may call the router before it has returned. */
public interface ServiceOutput {

  /**
   * Sends a message to another worker.
   *
   * @return false if it will not be sent: it is a question or an answer and the link is full, or
   *     there is no link. What is for another machine may be lost in any case
   */
  boolean send(long neighbour, MeshMessage message);

  /** Says something to all workers of other machines, of which some may miss it. */
  default void sendToMachines(MeshMessage message) {
    // There are none.
  }

  /**
   * Has a service of this worker answer; {@link ServiceRouter#answered} is due then.
   *
   * @param accepted number of the question here
   */
  void respond(long accepted, MeshMessage.Ask question);

  /** The offers of this name may have changed, or their load. */
  void changed(String name);
}
