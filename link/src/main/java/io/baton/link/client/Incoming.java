package io.baton.link.client;

import io.baton.link.Ending;
import io.baton.link.TypeSet;
import io.baton.link.TypedMessages;
import io.baton.link.core.LinkCode;
import io.baton.link.core.LinkCore;
import io.baton.link.core.LinkEvents;
import io.baton.link.types.SchemaException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a session's core has read, turned into events for the handler. Called with the session's
 * lock held. The events' number is bounded by the window, since a message counts as consumed only
 * after its callback.
 */
final class Incoming implements LinkEvents {
  private final LinkCore core;
  private final TypedMessages<?, ?> messages;
  private final CallbackQueue callbacks;
  private final ClientClock clock;
  private final Map<Integer, TypeSet> types = new HashMap<>();
  private @Nullable Ending ending;

  Incoming(
      LinkCore core, TypedMessages<?, ?> messages, CallbackQueue callbacks, ClientClock clock) {
    this.core = core;
    this.messages = messages;
    this.callbacks = callbacks;
    this.clock = clock;
  }

  /** Returns how the other side, or the core by its verdict, has ended the session; null if not. */
  @Nullable Ending ending() {
    return ending;
  }

  @Override
  public boolean message(int type, ByteBuffer payload, int size) {
    byte[] copy = new byte[payload.remaining()];
    payload.get(copy);
    TypeSet set = Objects.requireNonNull(types.get(type), "the core checks that it is defined");
    callbacks.add(new SessionEvent.Arrived(core, set, ByteBuffer.wrap(copy), size));
    return true;
  }

  @Override
  public void defined(int type, ByteBuffer schema) {
    byte[] bytes = new byte[schema.remaining()];
    schema.get(bytes);
    TypeSet set = new TypeSet(bytes);
    types.put(type, set);
    try {
      messages.check(set);
    } catch (SchemaException e) {
      String text = "the types of both sides do not fit: " + e.getMessage();
      core.abort(LinkCode.SCHEMA, text);
      ending = new Ending(LinkCode.SCHEMA.number(), text, false);
    }
  }

  @Override
  public void closed(int code, String text) {
    if (ending == null) {
      ending = new Ending(code, text, false);
    }
  }

  @Override
  public void pinged(long t1) {
    long now = clock.nanos();
    core.pong(t1, now, now);
  }
}
