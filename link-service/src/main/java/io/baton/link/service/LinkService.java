package io.baton.link.service;

import io.baton.link.LinkHandler;
import io.baton.link.TypedMessages;
import io.baton.link.types.Types;
import io.baton.service.Service;
import java.util.function.Supplier;

/**
 * The entrance to Link for services: makes what a module registers.
 *
 * <pre>{@code
 * Types<Chat> chat = Types.of(Chat.class);
 * context.service(
 *     "chat", LinkInput.class, LinkOutput.class, LinkService.of(chat, chat, ChatRoom::new));
 * }</pre>
 */
public final class LinkService {

  private LinkService() {}

  /**
   * Makes the factory of a service of Link, for {@code Context.service(name, LinkInput.class,
   * LinkOutput.class, ...)} of a module.
   *
   * @param in types of what clients send
   * @param out types of what they are sent
   * @param factory called once per session, in its lane
   */
  public static <I, O> Supplier<Service<LinkInput, LinkOutput>> of(
      Types<I> in, Types<O> out, Supplier<? extends LinkHandler<I, O>> factory) {
    TypedMessages<I, O> messages = new TypedMessages<>(in, out);
    TopicMessages<O> published = new TopicMessages<>(out);
    return () -> {
      LinkHandler<I, O> handler = factory.get();
      return new HandlerService<>(messages, handler, TopicCallbacks.of(handler, published));
    };
  }

  /**
   * Makes the same of a service that knows nothing of Link, and is given records. Messages of a
   * newer client that it has no types for are dropped.
   */
  public static <I, O> Supplier<Service<LinkInput, LinkOutput>> plain(
      Types<I> in, Types<O> out, Supplier<? extends Service<I, O>> factory) {
    TypedMessages<I, O> messages = new TypedMessages<>(in, out);
    return () -> new PlainService<>(messages, factory.get());
  }
}
