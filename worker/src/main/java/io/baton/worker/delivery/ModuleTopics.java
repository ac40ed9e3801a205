package io.baton.worker.delivery;

import io.baton.service.Publication;
import io.baton.service.Topics;
import java.nio.charset.StandardCharsets;

/**
 * The topics of one module, which are no other's: their names in the worker begin with its own.
 *
 * @param prefix of the names in the worker
 */
public record ModuleTopics(String prefix, TopicPublisher publisher) implements Topics {
  /** Ends the module's name; a topic's name has no control characters. */
  private static final char END = '\0';

  /** Longest name of a module with topics, in bytes of UTF-8. */
  private static final int MAX_MODULE_BYTES = 64;

  /**
   * Returns the topics of a module.
   *
   * @throws IllegalArgumentException if its name is too long
   */
  public static ModuleTopics of(String module, TopicPublisher publisher) {
    return new ModuleTopics(prefix(module), publisher);
  }

  /**
   * Returns what the names of a module's topics begin with.
   *
   * @throws IllegalArgumentException if its name is too long
   */
  public static String prefix(String module) {
    int bytes = module.getBytes(StandardCharsets.UTF_8).length;
    if (bytes > MAX_MODULE_BYTES) {
      throw new IllegalArgumentException(
          "a module that uses topics has a name of at most %d bytes in UTF-8, %s has %d"
              .formatted(MAX_MODULE_BYTES, module, bytes));
    }
    return module + END;
  }

  @Override
  public boolean publish(String topic, byte[] message) {
    Publication checked = new Publication(topic, message);
    return publisher.publish(prefix + checked.topic(), checked.message());
  }
}
