package io.baton.link.client;

import io.baton.link.Ending;
import io.baton.link.LinkId;
import io.baton.link.TypedMessages;
import io.baton.link.core.LinkCore;
import io.baton.link.types.Output;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What belongs to one session of the server: the core, and what is read from and written to it.
 * When a lost session is reopened, a new conversation takes the place of the old one. Used with the
 * session's lock held.
 *
 * @param <O> what is sent
 */
final class Conversation<O> {
  /** The number under which this side's types are announced. */
  private static final int OWN_TYPES = 0;

  private final LinkCore core;
  private final TypedMessages<?, O> messages;
  private final Incoming incoming;
  private final Output encoded;
  private final LinkId id;

  Conversation(
      LinkCore core, TypedMessages<?, O> messages, CallbackQueue callbacks, ClientClock clock) {
    this.core = core;
    this.messages = messages;
    this.incoming = new Incoming(core, messages, callbacks, clock);
    this.encoded = new Output(core.maxPayload());
    ByteBuffer name = ByteBuffer.wrap(core.identity().id());
    this.id = new LinkId(name.getLong(), name.getLong());
    core.define(OWN_TYPES, ByteBuffer.wrap(messages.own().schema()));
  }

  LinkCore core() {
    return core;
  }

  LinkId id() {
    return id;
  }

  /** Queues a message, unless there is no room. Returns whether it did. */
  boolean queue(O message) {
    if (!core.writable()) {
      return false;
    }
    encoded.clear();
    messages.write(message, encoded);
    return core.send(OWN_TYPES, encoded.buffer());
  }

  /** Reads; returns how the session has ended by that, null if it has not. */
  @Nullable Ending read(ByteBuffer bytes) {
    core.read(bytes, incoming);
    return incoming.ending();
  }
}
