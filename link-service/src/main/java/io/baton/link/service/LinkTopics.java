package io.baton.link.service;

import io.baton.link.types.Types;
import io.baton.service.Principal;
import io.baton.service.SessionId;
import io.baton.service.Topics;
import java.util.concurrent.CompletionStage;

/**
 * The topics of a module, for messages that are records. Services of all codecs may publish; those
 * that receive are {@link LinkSubscriber}s.
 *
 * <pre>{@code
 * Types<Chat> chat = Types.of(Chat.class);
 * LinkTopics<Chat> rooms = LinkTopics.of(context.topics(), chat);
 * context.service(
 *     "chat", LinkInput.class, LinkOutput.class, LinkService.of(chat, chat, () -> new Room(rooms)));
 * }</pre>
 *
 * <p>Any thread. A message goes with the schema of its types, so that a worker with another version
 * of them can read it. Together they have at most {@value Topics#MAX_MESSAGE_BYTES} bytes.
 *
 * @param <M> the messages, which are what the subscribers' sessions send
 */
public final class LinkTopics<M> {
  private final Topics topics;
  private final TopicMessages<M> messages;

  private LinkTopics(Topics topics, TopicMessages<M> messages) {
    this.topics = topics;
    this.messages = messages;
  }

  /**
   * Makes those of a module.
   *
   * @param topics of the module
   * @param types of the messages
   * @throws IllegalArgumentException if the schema of the types has more than 32 KiB
   */
  public static <M> LinkTopics<M> of(Topics topics, Types<M> types) {
    TopicMessages<M> messages = new TopicMessages<>(types);
    messages.requireRoom();
    return new LinkTopics<>(topics, messages);
  }

  /**
   * Publishes a message, as {@link Topics#publish} does.
   *
   * @return false if it is already known that not everybody will get it
   * @throws IllegalArgumentException if the topic's name is not as it has to be, or the message is
   *     too long or contains what its type forbids
   */
  public boolean publish(String topic, M message) {
    return topics.publish(topic, messages.encode(message));
  }

  /**
   * Has a topic's publications sent to its subscribers of codec {@code link}, without {@link
   * LinkSubscriber#published} and without being decoded, as {@link Topics#relay} has it: in this
   * worker, from now on. What clients are sent are the publisher's bytes, with its types.
   *
   * @throws IllegalStateException if this worker relays 100,000 topics already
   * @throws IllegalArgumentException if the topic's name is not as it has to be
   */
  public void relay(String topic) {
    topics.relay(topic, LinkOutput.class, messages::relayed);
  }

  /**
   * Sends a message to one {@linkplain io.baton.link.LinkSession#addressable addressable} session,
   * as {@link Topics#send(SessionId, byte[])} does.
   *
   * @throws IllegalArgumentException if the message is too long or contains what its type forbids
   */
  public CompletionStage<Boolean> send(SessionId to, M message) {
    return topics.send(to, messages.encode(message));
  }

  /** The same for all addressable sessions of a user. */
  public CompletionStage<Boolean> send(Principal to, M message) {
    return topics.send(to, messages.encode(message));
  }
}
