package io.baton.worker.delivery;

import io.baton.service.Presence;
import java.util.concurrent.CompletionStage;

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

  /** Asks who has subscribed to a topic. */
  CompletionStage<Presence> present(String topic);
}
