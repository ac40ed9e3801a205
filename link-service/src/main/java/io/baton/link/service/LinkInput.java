package io.baton.link.service;

import io.baton.link.TypeSet;
import java.nio.ByteBuffer;

/**
 * What codec {@code link} hands to a service. Messages arrive still encoded: decoding happens in
 * the service's lane, with the module's own classes.
 */
public sealed interface LinkInput {
  /**
   * A message of the other side.
   *
   * @param types the sender's types
   * @param bytes the record, from position to limit; belongs to the receiver
   */
  record Message(TypeSet types, ByteBuffer bytes) implements LinkInput {}

  /**
   * The other side has ended the session. The last input.
   *
   * @param code as in {@link io.baton.link.Ending#code}
   */
  record Goodbye(int code, String text) implements LinkInput {}
}
