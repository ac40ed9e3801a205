package io.baton.link.service;

import io.baton.link.LinkHandler;
import io.baton.link.core.LinkCode;
import io.baton.link.types.MalformedException;
import io.baton.link.types.SchemaException;
import io.baton.link.types.UndecodableException;
import io.baton.service.Publication;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The way of publications to a handler that subscribes. In the session's lane only.
 *
 * @param <I> what the handler receives
 * @param <O> what it sends
 */
public final class TopicCallbacks<I, O> {
  private final LinkSubscriber<I, O> handler;
  private final TopicMessages<O> messages;

  private TopicCallbacks(LinkSubscriber<I, O> handler, TopicMessages<O> messages) {
    this.handler = handler;
    this.messages = messages;
  }

  /** Makes those of a handler; null if it does not subscribe. */
  public static <I, O> @Nullable TopicCallbacks<I, O> of(
      LinkHandler<I, O> handler, TopicMessages<O> messages) {
    return handler instanceof LinkSubscriber<I, O> subscriber
        ? new TopicCallbacks<>(subscriber, messages)
        : null;
  }

  void published(ServedSession<I, O> session, Publication publication) {
    String topic = publication.topic();
    read(session, publication.message(), record -> handler.published(session, topic, record));
  }

  void sent(ServedSession<I, O> session, byte[] message) {
    read(session, message, record -> handler.sent(session, record));
  }

  void missed(ServedSession<I, O> session, String topic, long count) {
    handler.missed(session, topic, count);
  }

  private void read(ServedSession<I, O> session, byte[] bytes, Consumer<O> then) {
    O message;
    try {
      message = messages.read(bytes);
    } catch (UndecodableException e) {
      handler.undecodable(session, e.type());
      return;
    } catch (SchemaException e) {
      session.close(LinkCode.SCHEMA.number(), "of another worker: " + e.getMessage());
      return;
    } catch (MalformedException e) {
      throw TopicMessages.foreign(e);
    }
    then.accept(message);
  }
}
