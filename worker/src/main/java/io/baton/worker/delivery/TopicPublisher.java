package io.baton.worker.delivery;

/** Where modules publish. Any thread. */
@FunctionalInterface
public interface TopicPublisher {
  /**
   * Publishes a message.
   *
   * @param topic its whole name, that of the module included
   * @return false if it is known already that somebody will not get it
   */
  boolean publish(String topic, byte[] message);
}
