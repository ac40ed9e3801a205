package io.baton.worker.mesh;

import io.baton.mesh.MeshMessage;

/** The way of messages to other workers. Event loop only. */
public interface MeshSender {

  /**
   * Sends a message at the end of this turn of the loop, or as soon as the neighbour receives.
   *
   * @return false if it will not be sent: it is a publication, a question for members or an answer
   *     to one and the link is full, or there is no link
   */
  boolean send(long neighbour, MeshMessage message);
}
