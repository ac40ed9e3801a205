package io.baton.link.client;

import io.baton.link.Ending;
import io.baton.link.LinkHandler;
import io.baton.link.LinkId;
import io.baton.link.LinkSession;
import io.baton.link.TypeSet;
import io.baton.link.TypedMessages;
import io.baton.link.core.LinkCode;
import io.baton.link.core.LinkCore;
import io.baton.link.core.LinkEvents;
import io.baton.link.core.MessageKind;
import io.baton.link.types.Output;
import io.baton.link.types.SchemaException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What belongs to one session of the server: the core, what is sent through it, and what it has
 * read, turned into callbacks. When a lost session is reopened, a new conversation takes the place
 * of the old one. Used with the session's lock held.
 *
 * @param <I> what is received
 * @param <O> what is sent
 */
final class Conversation<I, O> implements LinkEvents {
  /** The number under which this side's types are announced. */
  private static final int OWN_TYPES = 0;

  final LinkCore core;
  final LinkId id;
  private final SessionContext context;
  private final TypedMessages<I, O> messages;
  private final LinkSession<I, O> session;
  private final LinkHandler<I, O> handler;
  private final Output encoded;
  private final Map<Integer, TypeSet> types = new HashMap<>();
  private @Nullable Ending ending;

  Conversation(
      LinkCore core,
      SessionContext context,
      TypedMessages<I, O> messages,
      LinkSession<I, O> session,
      LinkHandler<I, O> handler) {
    this.core = core;
    this.context = context;
    this.messages = messages;
    this.session = session;
    this.handler = handler;
    this.encoded = new Output(core.maxPayload());
    ByteBuffer name = ByteBuffer.wrap(core.identity().id());
    this.id = new LinkId(name.getLong(), name.getLong());
    core.define(OWN_TYPES, ByteBuffer.wrap(messages.own().schema()));
  }

  /** Queues a message, unless there is no room. Returns whether it did. */
  boolean send(O message) {
    return core.writable() && core.send(OWN_TYPES, encode(message));
  }

  private ByteBuffer encode(O message) {
    encoded.clear();
    messages.write(message, encoded);
    return encoded.buffer();
  }

  /** Reads; returns how the session has ended by that, null if it has not. */
  @Nullable Ending read(ByteBuffer bytes) {
    core.read(bytes, this);
    return ending;
  }

  // ---- what the core has read ----

  @Override
  public boolean message(
      int channel, MessageKind kind, long ask, int type, ByteBuffer payload, int size) {
    TypeSet set = Objects.requireNonNull(types.get(type), "the core checks that it is defined");
    ByteBuffer bytes = ByteBuffer.wrap(copy(payload));
    context.callbacks.addMessage(
        () -> messages.deliver(handler, session, set, bytes), () -> core.consumed(size));
    return true;
  }

  @Override
  public void defined(int type, ByteBuffer schema) {
    TypeSet set = new TypeSet(copy(schema));
    types.put(type, set);
    try {
      messages.check(set);
    } catch (SchemaException e) {
      String text = "the types of both sides do not fit: " + e.getMessage();
      core.abort(LinkCode.SCHEMA, text);
      closed(LinkCode.SCHEMA.number(), text);
    }
  }

  private static byte[] copy(ByteBuffer from) {
    byte[] bytes = new byte[from.remaining()];
    from.get(bytes);
    return bytes;
  }

  @Override
  public void closed(int code, String text) {
    if (ending == null) {
      ending = new Ending(code, text, false);
    }
  }

  @Override
  public void pinged(long t1) {
    long now = context.clock.nanos();
    core.pong(t1, now, now);
  }
}
