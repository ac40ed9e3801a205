package io.baton.link.service;

import io.baton.link.TypeSet;
import java.nio.ByteBuffer;

/** What a service hands to codec {@code link}. */
public sealed interface LinkOutput {
  /**
   * A message for the other side, already encoded.
   *
   * @param types the sender's types; the codec announces them before their first message
   * @param bytes the record, from position to limit; belongs to the codec from then on
   */
  record Message(TypeSet types, ByteBuffer bytes) implements LinkOutput {}

  /**
   * The end of the session, in order: what was sent before is delivered first. The last output.
   *
   * @param code as in {@link io.baton.link.Ending#code}
   */
  record Goodbye(int code, String text) implements LinkOutput {}
}
