package io.baton.service;

import java.nio.charset.StandardCharsets;

/**
 * The topics of a module. What is published to one reaches all sessions that have {@linkplain
 * Session#subscribe subscribed} to it, of whatever listener, protocol and worker of this server, as
 * long as their service is of the same module.
 *
 * <p>A topic exists while somebody publishes or subscribes to it; nobody makes it. Its name is any
 * text of 1 to {@value #MAX_TOPIC_BYTES} bytes in UTF-8 without control characters, such as {@code
 * room/42}; there are no wildcards.
 *
 * <p><b>Guarantees.</b>
 *
 * <ul>
 *   <li>A subscriber gets a publication at most once.
 *   <li>It gets those of one worker to one topic in the order in which they were published. Between
 *       those of several workers, and of several topics, there is no order.
 *   <li>It gets all of them from when its subscription has reached the publishing worker, which
 *       takes one message to it, or it is told how many it did not get: {@link Subscriber#missed}.
 *   <li>Moving to another worker changes none of that.
 *   <li>Nothing is stored: who subscribes later does not get it, and what is under way in a process
 *       that is killed is lost.
 * </ul>
 *
 * <p>Who may publish and subscribe is the service's to decide: every service of the module may.
 */
public interface Topics {
  /** Longest name of a topic, in bytes of UTF-8. */
  int MAX_TOPIC_BYTES = 190;

  /** Longest message, in bytes. */
  int MAX_MESSAGE_BYTES = 64 * 1024;

  /**
   * Publishes a message. Any thread. Never waits for a subscriber; called on a virtual thread it
   * may wait for up to 100 ms while this worker has much to publish.
   *
   * @param message from here on nobody may change it
   * @return false if it is already known that not everybody will get it: this worker, or another
   *     one that has subscribers, is behind, or is not there yet or any more. Subscribers are told
   *     what they have missed
   * @throws IllegalArgumentException if the topic's name or the message is not as it has to be
   */
  boolean publish(String topic, byte[] message);

  /**
   * Checks the name of a topic.
   *
   * @return the name
   * @throws IllegalArgumentException if it is not as it has to be
   */
  static String requireName(String topic) {
    byte[] utf8 = topic.getBytes(StandardCharsets.UTF_8);
    int bytes = utf8.length;
    if (bytes == 0 || bytes > MAX_TOPIC_BYTES) {
      throw new IllegalArgumentException(
          "a topic's name has 1 to %d bytes in UTF-8, this one %d"
              .formatted(MAX_TOPIC_BYTES, bytes));
    }
    if (topic.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException("a topic's name has no control characters");
    }
    if (!new String(utf8, StandardCharsets.UTF_8).equals(topic)) {
      throw new IllegalArgumentException("a topic's name has no half of a surrogate pair");
    }
    return topic;
  }
}
