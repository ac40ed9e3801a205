package io.baton.link.server;

import io.baton.link.LinkHandler;
import io.baton.link.LinkInput;
import io.baton.link.TypedMessages;
import io.baton.link.core.LinkCode;
import io.baton.link.types.MalformedException;
import io.baton.link.types.SchemaException;
import io.baton.link.types.UndecodableException;
import java.util.function.Consumer;

/** The way of an encoded message to a service, or to the end of its session. */
final class Decoding {

  /** Ends a session whose client has sent what cannot be read. */
  interface Refusing {
    void close(LinkCode code, String text);
  }

  private Decoding() {}

  /** Gives the handler the message. */
  static <I, O> void deliver(
      TypedMessages<I, O> messages,
      LinkHandler<I, O> handler,
      ServedSession<I, O> session,
      LinkInput.Message message) {
    try {
      messages.deliver(handler, session, message.types(), message.bytes());
    } catch (MalformedException e) {
      session.close(LinkCode.PROTOCOL.number(), String.valueOf(e.getMessage()));
    } catch (SchemaException e) {
      session.close(LinkCode.SCHEMA.number(), String.valueOf(e.getMessage()));
    }
  }

  /** Gives a plain service the message; nothing, if this side has no type for it. */
  static <I> void decode(
      TypedMessages<I, ?> messages,
      LinkInput.Message message,
      Consumer<I> service,
      Refusing session) {
    I decoded;
    try {
      decoded = messages.read(message.types(), message.bytes());
    } catch (UndecodableException e) {
      return;
    } catch (MalformedException e) {
      session.close(LinkCode.PROTOCOL, String.valueOf(e.getMessage()));
      return;
    } catch (SchemaException e) {
      session.close(LinkCode.SCHEMA, String.valueOf(e.getMessage()));
      return;
    }
    service.accept(decoded);
  }
}
