package io.baton.link.types;

import java.nio.ByteBuffer;

/**
 * The way from the messages of one schema of a peer to this side's records. Any number of threads
 * may use it at a time.
 *
 * @param <M> this side's messages
 */
public interface ReadingPlan<M> {
  /**
   * Reads a message.
   *
   * @param bytes the message and nothing else; all of it is consumed
   * @throws MalformedException if the bytes are not a message of the peer's schema
   * @throws UndecodableException if they are, and this side has no record for it
   */
  M read(ByteBuffer bytes) throws MalformedException, UndecodableException;
}
