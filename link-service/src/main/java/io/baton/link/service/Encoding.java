package io.baton.link.service;

import io.baton.link.TypedMessages;
import io.baton.service.Session;
import java.nio.ByteBuffer;

/** The bytes of a service's messages. */
final class Encoding {
  private Encoding() {}

  /**
   * Encodes a message.
   *
   * @param to the session, whose client may allow only short messages
   * @throws IllegalArgumentException if the message is too long, or contains what its type forbids
   */
  static <O> LinkOutput.Message message(
      Session<LinkOutput> to, TypedMessages<?, O> of, String channel, O message) {
    return new LinkOutput.Message(channel, of.own(), bytes(to, of, message));
  }

  /** Encodes as the other method does. */
  static <O> ByteBuffer bytes(Session<LinkOutput> to, TypedMessages<?, O> of, O message) {
    return of.encode(message, to.maxMessage());
  }
}
