package io.baton.link.service;

import io.baton.link.TypedMessages;
import java.nio.ByteBuffer;

/** The bytes of a service's messages. */
final class Encoding {
  /** The longest message that the protocol allows by default; a client may allow less. */
  private static final int MAX_MESSAGE = 1 << 20;

  private Encoding() {}

  static <O> LinkOutput.Message message(TypedMessages<?, O> of, String channel, O message) {
    return new LinkOutput.Message(channel, of.own(), bytes(of, message));
  }

  static <O> ByteBuffer bytes(TypedMessages<?, O> of, O message) {
    return of.encode(message, MAX_MESSAGE);
  }
}
