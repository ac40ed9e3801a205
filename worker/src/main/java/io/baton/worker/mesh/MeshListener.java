package io.baton.worker.mesh;

import io.baton.mesh.MeshMessage;

/**
 * The receiver of what happens on the links to other workers. Neighbours are named by the numbers
 * of their processes. Called on the event loop; an exception is our own inconsistency and ends this
 * worker.
 */
public interface MeshListener {

  /**
   * There is a link to this neighbour from now on. It is to be told all that it has to know, and
   * then {@link MeshMessage.Synced}, because it may wait for that before it serves.
   */
  void introduced(long neighbour);

  /** A message has arrived, in the order in which the neighbour sent them. */
  void received(long neighbour, MeshMessage message);

  /**
   * All that waited for the neighbour has been sent, and there is room again. Whoever has much to
   * say, as to a newcomer, says it in parts, and the next part now.
   */
  default void writable(long neighbour) {}

  /**
   * The neighbour lives, but the link to it begins anew, because messages are lost that one of the
   * two had for the other. It is to be told all that it has to know once more, as when it was
   * {@linkplain #introduced introduced}, and will do the same, in place of all that it has said.
   * What it had sent before it heard of this may still come.
   */
  void reset(long neighbour);

  /**
   * There is no link to this neighbour, or not any more, although it may live: its messages are
   * lost from now on, and {@link #died} is not called.
   */
  void severed(long neighbour);

  /** The neighbour has ended, and with it the link; all that it had sent was received. */
  void died(long neighbour);
}
