package io.baton.worker.delivery;

import io.baton.service.Presence;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** What modules do with topics, by the whole names of these. Any thread. */
public interface TopicPublisher {
  /**
   * Publishes a message.
   *
   * @param topic its whole name, that of the module included
   * @return false if it is known already that somebody will not get it
   */
  boolean publish(String topic, byte[] message);

  /**
   * Publishes a message that is for somebody in particular.
   *
   * @return completed with false if it is known that it does not arrive
   */
  CompletionStage<Boolean> send(String topic, byte[] message);

  /** Has publications of a topic sent to sessions whose messages are of this class. */
  <O> void relay(String topic, Class<O> out, Function<byte[], O> encode);

  /** Asks who has subscribed to a topic. */
  CompletionStage<Presence> present(String topic);
}
